import { mayLeave, type Content, type Operation } from './operation.js';
import { search } from './search.js';

/** How many operations may be gone through in smaller histories, all together. */
const WORK = 1_000_000;
/** Each of them is given up after so many states: it may be smaller, but nobody can tell. */
const BUDGET = 20_000;

/**
 * A smaller history that is as illegal. What is left out takes nothing from what is left: a read, which changes
 * nothing, or a value with all that has to do with it, which stand together in every legal order.
 */
export function shrink(operations: readonly Operation[], initial: Content): readonly Operation[] {
  let work = WORK;
  const isIllegal = (some: readonly Operation[]): boolean => {
    work -= some.length;
    return work >= 0 && search(some, { initial, budget: BUDGET }).kind === 'violation';
  };
  const drop = (from: readonly Operation[], parts: readonly ReadonlySet<Operation>[]): readonly Operation[] => {
    let left = from;
    for (let size = Math.ceil(parts.length / 2); size >= 1 && work > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < parts.length; at += size) {
        const gone = parts.slice(at, at + size);
        const rest = left.filter((one) => !gone.some((part) => part.has(one)));
        if (rest.length < left.length && isIllegal(rest)) left = rest;
      }
    }
    return left;
  };
  const refused = operations.filter((one) => one.kind === 'compare-and-set' && !mayLeave(one));
  const bare = drop(operations, [new Set(refused)]);
  // One that was refused may have been so because of any other value.
  const isBare = !bare.some((one) => refused.includes(one));
  const few = isBare ? drop(bare, valuesOf(bare)) : bare;
  return drop(
    few,
    few.filter((one) => one.kind === 'read').map((one) => new Set([one])),
  );
}

/** Operations by value; a compare-and-set binds the two values that it has to do with. */
function valuesOf(operations: readonly Operation[]): ReadonlySet<Operation>[] {
  const parts = new Map<Content, Set<Operation>>();
  const partOf = (content: Content): Set<Operation> => {
    let part = parts.get(content);
    if (part === undefined) parts.set(content, (part = new Set()));
    return part;
  };
  for (const one of operations) {
    const part = partOf(one.content);
    part.add(one);
    if (one.kind !== 'compare-and-set') continue;
    const other = partOf(one.expected);
    if (other === part) continue;
    for (const each of other) part.add(each);
    for (const [content, each] of parts) if (each === other) parts.set(content, part);
  }
  return [...new Set(parts.values())];
}
