import type { Member } from '../facts.js';
import { ofMembers, ofNode, type Rule } from '../rule.js';

const FEWEST = 3;
const MOST = 7;
/** Fewer cannot outvote one that fails. */
const FEWEST_PRIMARIES = 3;

const isPrimary = ({ flags }: Member): boolean => flags.has('master');

export const MEMBERS: readonly Rule[] = [
  ofMembers(
    {
      id: 'node-count',
      standard: `${FEWEST} to ${MOST} nodes`,
      why: 'fewer cannot decide on a failover; with more, gossip and pipelines by node cost more than they bring.',
    },
    ({ length }) => {
      if (length >= FEWEST && length <= MOST) return 'fits';
      const mend = `redis-cli --cluster ${length < FEWEST ? 'add-node' : 'del-node'} …`;
      return { severity: 'warning', found: `${length} ${length === 1 ? 'node' : 'nodes'}`, mend };
    },
  ),
  ofMembers(
    {
      id: 'primaries',
      standard: `at least ${FEWEST_PRIMARIES} primaries`,
      why: 'a failover needs the votes of most primaries: of two, none may fail.',
    },
    (members) => {
      const { length } = members.filter((member) => isPrimary(member) && member.slots.length > 0);
      if (length >= FEWEST_PRIMARIES) return 'fits';
      return {
        severity: 'warning',
        found: `${length} with slots`,
        mend: 'redis-cli --cluster add-node …, then --cluster rebalance --cluster-use-empty-masters',
      };
    },
  ),
  ofMembers(
    {
      id: 'failed-members',
      standard: 'no member of the cluster has failed',
      why: 'it is a replica less, or slots without a server; a node that is gone for good is asked for ever.',
    },
    (members) => {
      const failed = members.filter(({ flags }) => flags.has('fail') || flags.has('noaddr'));
      if (failed.length === 0) return 'fits';
      return {
        severity: 'critical',
        found: `failed: ${failed.map(({ id, address }) => address || id).join(', ')}`,
        mend: 'start it again; what is gone for good is forgotten by CLUSTER FORGET <id> on every node',
      };
    },
  ),
  ofNode(
    {
      id: 'cluster-state',
      standard: 'cluster_state:ok',
      why: 'a node that does not hear most primaries refuses commands.',
      asks: 'CLUSTER INFO',
    },
    ({ clusterInfo, info, members }) => {
      const state = clusterInfo?.get('cluster_state');
      if (state === 'ok') return 'fits';
      if (state === undefined) return info?.get('cluster_enabled') === '0' && !members ? 'elsewhere' : 'unknown';
      return { severity: 'critical', found: `cluster_state:${state}`, mend: 'redis-cli --cluster check <host:port>' };
    },
  ),
];
