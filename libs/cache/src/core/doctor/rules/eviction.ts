import type { Purpose } from '../facts.js';
import { ofNode, type Rule, type Verdict } from '../rule.js';

const WANTED: Readonly<Record<Purpose, string>> = { data: 'volatile-lru', coordination: 'noeviction' };

/** What a policy does to values, locks and limits. */
function judge(policy: string, purpose: Purpose): Verdict {
  const wanted = WANTED[purpose];
  if (policy === wanted) return 'fits';
  const mend = `CONFIG SET maxmemory-policy ${wanted}`;
  if (policy.startsWith('allkeys-')) {
    return { severity: 'critical', found: `${policy}: it may evict a lock that is held`, mend };
  }
  if (purpose === 'coordination') {
    return { severity: 'warning', found: `${policy}: it may evict the counts of limits`, mend };
  }
  if (policy === 'noeviction') return { severity: 'warning', found: `${policy}: when full, fills are refused`, mend };
  return { severity: 'note', found: policy, mend };
}

export const EVICTION: readonly Rule[] = [
  ofNode(
    {
      id: 'eviction-policy',
      standard: 'maxmemory-policy volatile-lru for values; noeviction for a coordination cluster',
      why: 'locks have no lifetime, so only a policy of volatile keys spares them; an evicted lock is granted twice.',
      asks: 'INFO memory',
    },
    ({ info, config }, { purpose }) => {
      const policy = info?.get('maxmemory_policy') ?? config?.get('maxmemory-policy');
      return policy === undefined ? 'unknown' : judge(policy, purpose);
    },
  ),
  ofNode(
    {
      id: 'coordination-evicted',
      standard: 'a coordination cluster evicts nothing',
      why: 'what was evicted is a limit that let too many in, or a lock that was granted twice.',
      asks: 'INFO stats',
    },
    ({ info }, { purpose }) => {
      if (purpose !== 'coordination') return 'elsewhere';
      const evicted = info?.get('evicted_keys');
      if (evicted === undefined) return 'unknown';
      if (evicted === '0') return 'fits';
      return { severity: 'critical', found: `${evicted} keys since its start`, mend: 'raise maxmemory' };
    },
  ),
];
