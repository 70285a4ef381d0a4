import { answering } from '../facts.js';
import { ofNode, type Rule } from '../rule.js';

/** Lock tokens rise over a failover while clocks differ by less than it takes. */
const BETWEEN_NODES_MS = 500;
const FROM_US_MS = 60_000;

export const CLOCK: readonly Rule[] = [
  {
    id: 'clock-skew',
    standard: `the clocks of the nodes agree within ${BETWEEN_NODES_MS} ms`,
    why: 'lifetimes, lock tokens and limits are told by the clock of the server: after a failover they jump by the difference.',
    asks: 'TIME',
    judge: (facts) => {
      const skews = answering(facts).flatMap(({ skewMs }) => (skewMs === undefined ? [] : [skewMs]));
      if (skews.length === 0) return answering(facts).length === 0 ? [] : [{ verdict: 'unknown' }];
      const apart = Math.round(Math.max(...skews) - Math.min(...skews));
      if (apart <= BETWEEN_NODES_MS) return [{ verdict: 'fits' }];
      return [
        { verdict: { severity: 'warning', found: `${apart} ms apart`, mend: 'run chrony or ntpd on each host' } },
      ];
    },
  },
  ofNode(
    {
      id: 'clock-here',
      standard: 'the clock of this machine agrees with the servers within a minute',
      why: 'the cache goes by the clock of the servers; logs and tokens of others do not.',
      asks: 'TIME',
    },
    ({ skewMs }) => {
      if (skewMs === undefined) return 'unknown';
      if (Math.abs(skewMs) <= FROM_US_MS) return 'fits';
      const found = `about ${Math.round(Math.abs(skewMs) / 60_000)} min ${skewMs > 0 ? 'behind' : 'ahead'}`;
      return { severity: 'note', found, mend: 'run chrony or ntpd here' };
    },
  ),
];
