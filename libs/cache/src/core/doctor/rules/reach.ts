import { answering, isClustered } from '../facts.js';
import { ofNode, type Rule } from '../rule.js';

export const REACH: readonly Rule[] = [
  {
    id: 'reachable',
    standard: 'every node answers, within the patience of the doctor',
    why: 'what lives on a silent node is read from its source, and cannot be locked or changed.',
    asks: 'PING',
    judge: ({ nodes }) =>
      nodes.map(({ address, silence }) => ({
        node: address,
        verdict:
          silence === undefined
            ? 'fits'
            : { severity: 'critical', found: silence, mend: `redis-cli -u redis://${address} PING` },
      })),
  },
  {
    id: 'cluster-mode',
    standard: 'Redis Cluster',
    why: 'one server is one failure away from none, and holds no more than one machine.',
    asks: 'INFO cluster',
    judge: (facts) =>
      answering(facts).map((node) => {
        const said = isClustered(node);
        if (said === undefined) return { node: node.address, verdict: 'unknown' };
        if (said) return { node: node.address, verdict: 'fits' };
        const mend = 'start the servers with cluster-enabled yes, then redis-cli --cluster create';
        return { node: node.address, verdict: { severity: 'warning', found: 'a server by itself', mend } };
      }),
  },
  ofNode(
    {
      id: 'loading',
      standard: 'a node has its data in memory',
      why: 'while it loads it answers nothing but LOADING.',
      asks: 'INFO persistence',
    },
    ({ info }) => {
      if (info?.get('loading') === undefined) return 'unknown';
      return info.get('loading') === '0' ? 'fits' : { severity: 'critical', found: 'it loads its data', mend: 'wait' };
    },
  ),
];
