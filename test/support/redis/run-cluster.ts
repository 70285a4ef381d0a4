import type { RedisCluster } from './cluster.js';
import { findServer } from './find-server.js';
import { startCluster } from './start-cluster.js';

const MISSING = `There is no redis-server, version 7 or later, in PATH. Install it (on Debian: apt-get install redis-server;
on macOS: brew install redis), or set REDIS_SERVER_BIN to its path.`;

const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs three primaries with a replica each until it is asked to end. Fetches nothing. */
export async function runCluster(): Promise<void> {
  if (!findServer()) {
    console.error(MISSING);
    process.exitCode = 1;
    return;
  }
  const asked = endAsked();
  const cluster = await startCluster();
  // A Ctrl-C while it starts must not leave the nodes that come up later.
  await Promise.race([asked, describe(cluster).then(() => asked)]);
  await cluster.stop();
}

function endAsked(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 60_000);
    for (const signal of ENDINGS) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
    }
  });
}

async function describe(cluster: RedisCluster): Promise<void> {
  const primaries = new Set(await cluster.primaries());
  for (const node of cluster.nodes) {
    console.log(`${primaries.has(node) ? 'primary' : 'replica'} ${node.address}  process ${node.pid}`);
  }
  console.log(`\nREDIS_NODES=${cluster.nodes.map(({ address }) => address).join(',')}\n`);
  console.log('Put that line in front of a command, such as npm start. Ctrl-C ends the cluster.');
}
