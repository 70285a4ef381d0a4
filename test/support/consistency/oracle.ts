import { NOTHING, precedes, type Content, type Operation } from './operation.js';

/**
 * The definition itself: whether the operations of one key, with any of those that may have happened, can be put in an
 * order that keeps all that surely came before, and that a register explains. It tries every order: up to eight or so.
 */
export function isLinearizable(operations: readonly Operation[], content: Content = NOTHING): boolean {
  const left = operations.filter((one) => one.outcome !== 'failed' && !(one.kind === 'read' && one.outcome !== 'ok'));
  return canEnd(left, content);
}

function canEnd(left: readonly Operation[], content: Content): boolean {
  if (left.every(({ outcome }) => outcome === 'unknown')) return true;
  return left.some((one) => {
    // What has not ended is before nothing.
    if (left.some((other) => precedes(other, one))) return false;
    const rest = left.filter((other) => other !== one);
    return results(one, content).some((after) => canEnd(rest, after));
  });
}

/** What a register may hold after this operation; none: it would have answered otherwise. */
function results(one: Operation, content: Content): Content[] {
  if (one.kind === 'read') return one.content === content ? [content] : [];
  if (one.kind !== 'compare-and-set') return [one.content];
  const isMatch = one.expected === content;
  if (one.outcome === 'unknown') return [isMatch ? one.content : content];
  if (one.swapped !== isMatch) return [];
  return [one.swapped ? one.content : content];
}
