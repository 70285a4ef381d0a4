/** What a script answers. */
export interface ScriptReply {
  /** When the server ran it, ms. */
  readonly at: number;
  /** It came past its deadline and did nothing. */
  readonly isLate: boolean;
  /** For each key a status and the assigned version that now stands. */
  readonly pairs: readonly number[];
}

/** @throws {Error} for what no script of ours answers about so many keys. */
export function readReply(reply: unknown, count: number): ScriptReply {
  const [us, ...pairs] = Array.isArray(reply) ? reply.map(Number) : [];
  const at = (us ?? NaN) / 1_000;
  const isLate = pairs.length === 1 && pairs[0] === -1;
  const isWhole = pairs.length === 2 * count && pairs.every(Number.isSafeInteger);
  if (!(at > 0) || !(isLate || isWhole)) throw new Error('the script gave an answer that is none of ours');
  return { at, isLate, pairs: isLate ? [] : pairs };
}
