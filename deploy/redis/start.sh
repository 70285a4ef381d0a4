#!/bin/sh
# Starts a node by a configuration of this folder:
#
#   start.sh cluster.conf [further options of redis-server]
#
# Sets maxmemory to 75 % of what the container or the machine has, because Redis knows no percentage. Where the node was
# part of a cluster before, it waits first for twice the node timeout: a primary that crashed and came back at once, with
# the values of its last snapshot, would not be failed over, and its replicas would copy what it lost.
#
# REDIS_SERVER_BIN: the server, if not redis-server in PATH. CGROUP: where the limits are, if not in /sys/fs/cgroup.
set -eu

conf=$1
shift

# The last word of a setting in the configuration, or what stands for it.
setting() {
  found=$(awk -v name="$1" '$1 == name { value = $2 } END { print value }' "$conf")
  echo "${found:-$2}"
}

# Bytes of memory that this node may use.
memory() {
  bytes=$(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) * 1024))
  for file in "${CGROUP:-/sys/fs/cgroup}/memory.max" "${CGROUP:-/sys/fs/cgroup}/memory/memory.limit_in_bytes"; do
    [ -r "$file" ] || continue
    limit=$(cat "$file")
    [ "$limit" != max ] && [ "$limit" -lt "$bytes" ] && bytes=$limit
  done
  echo "$bytes"
}

if [ -s "$(setting cluster-config-file nodes.conf)" ]; then
  timeout=$(setting cluster-node-timeout 15000)
  sleep "$(((2 * timeout + 999) / 1000))"
fi

exec "${REDIS_SERVER_BIN:-redis-server}" "$conf" --maxmemory "$(($(memory) / 4 * 3))" "$@"
