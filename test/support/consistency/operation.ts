/** What a register can hold. Values of writes are unique, so that what a read saw says which write it follows. */
export type Value = string | number;

/** A register that was never written, or was deleted. */
export const NOTHING = null;
export type Content = Value | typeof NOTHING;

/**
 * `ok`: it was answered. `failed`: it surely did not happen. `unknown`: it may have happened, or may happen yet: a
 * timeout, a lost connection, a killed process.
 */
export type Outcome = 'ok' | 'failed' | 'unknown';

/** What was asked of a register: reads say in `content` what they saw, all others what they leave. */
export type Ask =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly content: Value }
  | { readonly kind: 'delete' }
  | { readonly kind: 'compare-and-set'; readonly expected: Content; readonly content: Value };

interface Span {
  readonly key: string;
  /** Who asked. It says nothing about the order, and is there for whoever reads a witness. */
  readonly client: string;
  /** Before it was sent, and after it was answered, on one monotonic clock for the whole history; `Infinity`: never. */
  readonly call: number;
  readonly return: number;
  readonly outcome: Outcome;
}

export type Read = Span & { readonly kind: 'read'; readonly content: Content };
export type Write = Span & { readonly kind: 'write'; readonly content: Value };
/** A write of nothing. */
export type Delete = Span & { readonly kind: 'delete'; readonly content: typeof NOTHING };
export type CompareAndSet = Span & {
  readonly kind: 'compare-and-set';
  readonly expected: Content;
  readonly content: Value;
  /** Whether it found what it expected, and replaced it; of no meaning unless the outcome is `ok`. */
  readonly swapped: boolean;
};

/** One operation on the register of one key. Two of them were concurrent unless one returned before the other's call. */
export type Operation = Read | Write | Delete | CompareAndSet;

/** Whether one had surely ended when the other began. */
export const precedes = (one: Operation, other: Operation): boolean => one.return < other.call;

/** Whether it left something in the register, or may have. */
export function mayLeave(one: Operation): boolean {
  if (one.kind === 'read' || one.outcome === 'failed') return false;
  return one.kind !== 'compare-and-set' || one.outcome === 'unknown' || one.swapped;
}

/** The register of each key is checked alone: a history is linearizable if all of them are. */
export function byKey(history: Iterable<Operation>): Map<string, Operation[]> {
  const keys = new Map<string, Operation[]>();
  for (const one of history) {
    const same = keys.get(one.key);
    if (same === undefined) keys.set(one.key, [one]);
    else same.push(one);
  }
  return keys;
}
