import type { ValueEntry } from '../entry/entry.js';
import type { Random } from '../shared/random.js';
import { dueAt } from './early-rules.js';
import type { CallRules } from './rules.js';

/** What this process makes of an entry that all share, by the rules of who asked for it. */
export function hereBy({ localTtl, early }: Pick<CallRules, 'localTtl' | 'early'>, entry: ValueEntry, random: Random) {
  return { ...entry, localTtl, refreshAt: early && dueAt(early, entry, random) } satisfies ValueEntry;
}
