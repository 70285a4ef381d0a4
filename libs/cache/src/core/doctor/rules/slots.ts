import type { Member } from '../facts.js';
import { ofMembers, type Placed, type Rule } from '../rule.js';

const SLOTS_OF_A_CLUSTER = 16_384;

/** How far from its share a primary may be; `redis-cli --cluster rebalance` leaves 2 %. */
const TOLERANCE = 0.1;

const count = ({ slots }: Member): number => slots.reduce((sum, [first, last]) => sum + last - first + 1, 0);

export const SLOTS: readonly Rule[] = [
  ofMembers(
    {
      id: 'slot-coverage',
      standard: `all ${SLOTS_OF_A_CLUSTER} slots are served`,
      why: 'keys of the others can neither be read nor locked.',
    },
    (members) => {
      const lacking = SLOTS_OF_A_CLUSTER - members.reduce((sum, member) => sum + count(member), 0);
      if (lacking === 0) return 'fits';
      return { severity: 'critical', found: `${lacking} are not`, mend: 'redis-cli --cluster fix <host:port>' };
    },
  ),
  ofMembers(
    {
      id: 'slot-balance',
      standard: 'slots are shared equally',
      why: 'the primary with most of them is full, and busy, before the others.',
    },
    (members) => {
      const served = members.map((member) => count(member)).filter((slots) => slots > 0);
      const share = served.reduce((sum, slots) => sum + slots, 0) / served.length;
      if (served.every((slots) => Math.abs(slots - share) <= share * TOLERANCE)) return 'fits';
      return {
        severity: 'warning',
        found: `between ${Math.min(...served)} and ${Math.max(...served)} a primary`,
        mend: 'redis-cli --cluster rebalance <host:port>',
      };
    },
  ),
  {
    id: 'slots-moving',
    standard: 'no slot is left half-way between two nodes',
    why: 'each command on it is asked twice, and one on two of its keys is refused.',
    asks: 'CLUSTER NODES',
    judge: ({ nodes }) =>
      nodes.flatMap(({ address, members }): Placed[] => {
        const own = members?.find(({ flags }) => flags.has('myself'));
        if (own === undefined) return [];
        if (own.moving === 0) return [{ node: address, verdict: 'fits' }];
        const mend = 'redis-cli --cluster fix <host:port>, unless a resharding is under way';
        return [{ node: address, verdict: { severity: 'note', found: `${own.moving} on the way`, mend } }];
      }),
  },
];
