/** What a script answers. */
export interface ScriptReply {
  /** When the server ran it, ms. */
  readonly at: number;
  /** It came past its deadline and did nothing. */
  readonly isLate: boolean;
  /** For each key, in the order asked, what the script says of it. */
  readonly items: readonly (readonly unknown[])[];
}

/** @throws {Error} for what no script of ours answers about so many keys, of each of which it says `width` things. */
export function readReply(reply: unknown, count: number, width: number): ScriptReply {
  const [us, ...said]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const at = Number(us ?? NaN) / 1_000;
  const isLate = said.length === 0;
  if (!(at > 0) || !(isLate || said.length === count * width)) {
    throw noneOfOurs();
  }
  const items = isLate ? [] : Array.from({ length: count }, (_, of) => said.slice(of * width, (of + 1) * width));
  return { at, isLate, items };
}

/** Somebody else wrote under the key, or answers in the place of Redis. */
export function noneOfOurs(): Error {
  return new Error('the script gave an answer that is none of ours');
}
