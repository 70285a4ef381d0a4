import { shown } from '../../shared/shown.js';
import { ofRole, type Rule } from '../rule.js';

const LONGEST = 100;

/** Anybody's key may stand here: what would move the cursor of a terminal is escaped. */
const named = (key: string): string => shown(key.length > LONGEST ? `${key.slice(0, LONGEST)}…` : key);

export const KEYSPACE: readonly Rule[] = [
  ofRole(
    'primary',
    {
      id: 'keys-without-ttl',
      standard: 'values have a lifetime',
      why: 'volatile-lru evicts only keys with a lifetime: the others stay until the server is full of them.',
      asks: 'SCAN, PTTL',
    },
    ({ keys }) => {
      if (keys === undefined) return 'unknown';
      if (keys.lasting === 0) return 'fits';
      return {
        severity: 'warning',
        found: `${keys.lasting} of ${keys.seen} keys looked at have none, such as ${named(keys.lastingExample)}`,
        mend: `PEXPIRE ${named(keys.lastingExample)} <ms>; no ttl: 'forever'`,
      };
    },
  ),
  ofRole(
    'primary',
    {
      id: 'foreign-keys',
      standard: 'keys begin with app:, mesh: or coord:',
      why: 'keys of other programs share the memory, the evictions and the failures of the cache.',
      asks: 'SCAN, PTTL',
    },
    ({ keys }) => {
      if (keys === undefined) return 'unknown';
      if (keys.foreign === 0) return 'fits';
      return {
        severity: 'note',
        found: `${keys.foreign} of ${keys.seen} keys looked at do not, such as ${named(keys.foreignExample)}`,
        mend: 'keep them on a server of their own',
      };
    },
  ),
];
