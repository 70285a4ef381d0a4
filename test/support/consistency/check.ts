import { byKey, mayLeave, NOTHING, type Content, type Operation } from './operation.js';
import { search, type Impasse, type SearchOptions } from './search.js';
import { shrink } from './shrink.js';
import type { Verdict, Violation } from './verdict.js';
import { testZones } from './zone-test.js';

/** What a whole history has come to. */
export interface Report {
  readonly operations: number;
  readonly keys: number;
  /** One a key at most. */
  readonly violations: readonly Violation[];
  /** Keys on which the search has reached its bound. */
  readonly undecided: readonly string[];
}

export type CheckOptions = Pick<SearchOptions, 'budget'>;

/** Whether a history is linearizable: the zone test where it can tell, the search where it cannot. */
export function check(history: Iterable<Operation>, options: CheckOptions = {}): Report {
  const keys = byKey(history);
  const violations: Violation[] = [];
  const undecided: string[] = [];
  let operations = 0;
  for (const [key, all] of keys) {
    operations += all.length;
    const verdict = checkKey(all, options);
    if (verdict.kind === 'violation') violations.push(verdict.violation);
    if (verdict.kind === 'undecided') undecided.push(key);
  }
  return { operations, keys: keys.size, violations, undecided };
}

/** The same for the operations of one key. */
export function checkKey(operations: readonly Operation[], options: CheckOptions = {}): Verdict {
  if (!operations.some(({ kind }) => kind === 'compare-and-set')) {
    const verdict = testZones(operations);
    if (verdict.kind !== 'undecided') return verdict;
  }
  return bySearch(operations, options);
}

/** The search alone, with a witness. */
export function bySearch(operations: readonly Operation[], options: SearchOptions = {}): Verdict {
  const found = search(operations, options);
  return found.kind === 'violation' ? { kind: 'violation', violation: explain(found, operations) } : found;
}

const named = (content: Content): string => (content === NOTHING ? 'nothing' : String(content));

function explain({ failed, contents, since, initial }: Impasse, operations: readonly Operation[]): Violation {
  const few = shrink(since, initial).toSorted((a, b) => a.call - b.call);
  const start = Math.min(...since.map(({ call }) => call));
  const left = operations.findLast((one) => mayLeave(one) && one.content === initial && one.call < start);
  const held = contents.map(named).join(' or ');
  return {
    kind: 'no-order',
    key: failed.key,
    proof: left === undefined ? few : [left, ...few],
    because: `it held ${named(initial)} when all was quiet; when ${failed.client} was answered it held ${held}, or what was just being written, and none of it explains the answer`,
  };
}
