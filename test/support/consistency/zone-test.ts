import { clustersOf, type Cluster } from './clusters.js';
import { precedes, type Operation } from './operation.js';
import { LINEARIZABLE, UNDECIDED, type Verdict, type Violation } from './verdict.js';

/**
 * Whether the history of one key is that of a register that holds one value at a time: the zone test of P. B. Gibbons
 * and E. Korach, "Testing shared memories" (SIAM Journal on Computing 26, 1997), O(n log n). A value is there from the
 * first end of an operation that has to do with it to the last beginning of another: its zone. Where the first end
 * comes after the last beginning the zone is a backward one, and the value may have been there for a moment somewhere
 * in it. The history is legal if no two forward zones overlap and none holds a backward zone.
 *
 * Several deletes may all have left nothing. They are tested as writes that nobody reads, and reads of nothing are left
 * out: `undecided` then says that all the rest is legal.
 * @throws for a compare-and-set, and for a value that was written twice
 */
export function testZones(operations: readonly Operation[]): Verdict {
  const found = clustersOf(operations);
  if ('because' in found) return violated(found);
  const forward: Cluster[] = [];
  const backward: Cluster[] = [];
  for (const one of found.clusters) (precedes(one.first, one.last) ? forward : backward).push(one);
  forward.sort((a, b) => a.first.return - b.first.return);
  const wrong = overlap(forward) ?? inclusion(forward, backward);
  if (wrong !== undefined) return violated(wrong);
  return found.open.length > 0 ? UNDECIDED : LINEARIZABLE;
}

const violated = (violation: Violation): Verdict => ({ kind: 'violation', violation });

/** Two values of which each was there before the other, and after it. */
function overlap(forward: readonly Cluster[]): Violation | undefined {
  let before: Cluster | undefined;
  for (const one of forward) {
    if (before !== undefined && precedes(one.first, before.last)) {
      return staleRead(before, one) ?? staleRead(one, before) ?? backAndForth(before, one);
    }
    before = one;
  }
  return undefined;
}

/** A value whose every moment lies where another must have been there throughout. */
function inclusion(forward: readonly Cluster[], backward: readonly Cluster[]): Violation | undefined {
  for (const inner of backward) {
    // Those that began before it: they do not overlap, so the last of them ends last.
    const outer = forward[countWhere(forward, ({ first }) => precedes(first, inner.last)) - 1];
    if (outer !== undefined && precedes(inner.first, outer.last)) {
      return staleRead(outer, inner) ?? overwritten(outer, inner);
    }
  }
  return undefined;
}

/** How many at the head of a list a test holds for; it holds for none after the first for which it does not. */
function countWhere<T>(list: readonly T[], test: (one: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = list[middle];
    if (one !== undefined && test(one)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Together with the writes of what they saw, each once, as they began. */
function proofOf(...clusters: readonly Cluster[]): Operation[] {
  const all = new Set(clusters.flatMap(({ write, first, last }) => [write, first, last]));
  return [...all].toSorted((a, b) => a.call - b.call);
}

const named = ({ write }: Cluster): string => (write.kind === 'delete' ? 'nothing' : String(write.content));

/** The plain case: both writes and one read suffice. */
function staleRead(old: Cluster, next: Cluster): Violation | undefined {
  if (!precedes(old.write, next.write) || !precedes(next.write, old.last)) return undefined;
  const what = next.write.kind === 'delete' ? 'it had been deleted' : `${named(next)} had been written over it`;
  return {
    kind: 'stale-read',
    key: old.write.key,
    proof: [old.write, next.write, old.last],
    because: `${named(old)} was read after ${what}`,
  };
}

function backAndForth(one: Cluster, other: Cluster): Violation {
  const [a, b] = [named(one), named(other)];
  return {
    kind: 'back-and-forth',
    key: one.write.key,
    proof: proofOf(one, other),
    because: `${a} was there before ${b} and ${b} before ${a}, though each was written once`,
  };
}

function overwritten(outer: Cluster, inner: Cluster): Violation {
  const [kept, lost] = [named(outer), named(inner)];
  return {
    kind: 'overwritten',
    key: outer.write.key,
    proof: proofOf(outer, inner),
    because: `${kept} was there before ${lost} was written, and was seen again after that`,
  };
}
