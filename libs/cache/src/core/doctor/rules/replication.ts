import { isClustered, numberAt } from '../facts.js';
import { ofClusterSetting, ofMembers, ofRole, ofSetting, type Rule } from '../rule.js';

/** Replicas confirm every second. */
const LONGEST_LAG_S = 5;
const SMALLEST_BACKLOG = 1024 * 1024;

export const REPLICATION: readonly Rule[] = [
  ofMembers(
    {
      id: 'replication-factor',
      standard: 'each primary has a replica (replication factor 1)',
      why: 'without one its slots are gone when it fails, and strict calls and replicated locks have nobody to confirm.',
    },
    (members) => {
      const followed = new Set(members.filter(({ flags }) => !flags.has('fail')).map(({ primary }) => primary));
      const bare = members.filter(({ id, flags, slots }) => {
        return flags.has('master') && slots.length > 0 && !followed.has(id);
      });
      if (bare.length === 0) return 'fits';
      return {
        severity: 'warning',
        found: `none: ${bare.map(({ address }) => address).join(', ')}`,
        mend: 'redis-cli --cluster add-node <new> <any> --cluster-slave --cluster-master-id <id>',
      };
    },
  ),
  ofRole(
    'primary',
    {
      id: 'replicas',
      standard: 'a server has a replica',
      why: 'without one everything is gone when it fails.',
      asks: 'INFO replication',
    },
    (node) => {
      if (isClustered(node) !== false) return 'elsewhere';
      const replicas = numberAt(node.info, 'connected_slaves');
      if (replicas === undefined) return 'unknown';
      return replicas > 0 ? 'fits' : { severity: 'note', found: 'none', mend: 'REPLICAOF <host> <port> on another' };
    },
  ),
  ofRole(
    'replica',
    {
      id: 'replica-link',
      standard: 'a replica hears its primary',
      why: 'it has old data, and is no use when the primary fails.',
      asks: 'INFO replication',
    },
    ({ info }) => {
      const state = info?.get('master_link_status');
      if (state === undefined) return info === undefined ? 'unknown' : 'elsewhere';
      if (state === 'up') return 'fits';
      const mend = 'see its log: masterauth, masteruser, the network, or client-output-buffer-limit replica';
      return { severity: 'critical', found: `master_link_status:${state}`, mend };
    },
  ),
  ofRole(
    'primary',
    {
      id: 'replica-lag',
      standard: `replicas confirm every second; ${LONGEST_LAG_S} s is too late`,
      why: 'what it has not confirmed is lost with its primary, and strict calls and replicated locks are refused.',
      asks: 'INFO replication',
    },
    ({ info }) => {
      if (info === undefined) return 'unknown';
      const lags = [...info].flatMap(([name, value]) => {
        const [, lag] = (/^slave\d+$/.test(name) && /\blag=(\d+)/.exec(value)) || [];
        return lag === undefined ? [] : [Number(lag)];
      });
      const lag = Math.max(0, ...lags);
      return lag <= LONGEST_LAG_S
        ? 'fits'
        : { severity: 'warning', found: `silent for ${lag} s`, mend: 'see what keeps it' };
    },
  ),
  ofSetting(
    {
      id: 'replica-writes',
      setting: 'replica-read-only',
      standard: 'replica-read-only yes',
      why: 'what is written to a replica is never seen by its primary, and stays there when it becomes one.',
    },
    (value) => {
      if (value === 'yes') return 'fits';
      return { severity: 'critical', found: value, mend: 'CONFIG SET replica-read-only yes' };
    },
  ),
  ofSetting(
    {
      id: 'replication-backlog',
      setting: 'repl-backlog-size',
      standard: 'a backlog of 1 MB or more',
      why: 'a replica that was away for longer than the backlog lasts copies everything anew.',
    },
    (value) => {
      if (Number(value) >= SMALLEST_BACKLOG) return 'fits';
      return { severity: 'note', found: `${value} bytes`, mend: 'CONFIG SET repl-backlog-size 16mb' };
    },
  ),
  ofClusterSetting(
    {
      id: 'reads-when-down',
      setting: 'cluster-allow-reads-when-down',
      standard: 'cluster-allow-reads-when-down no',
      why: 'a node cut off from the others goes on answering old values.',
    },
    (value) => {
      if (value === 'no') return 'fits';
      return { severity: 'warning', found: value, mend: 'CONFIG SET cluster-allow-reads-when-down no' };
    },
  ),
];
