import type { Operation } from './operation.js';

/** What proves that a history is none of a register. */
export interface Violation {
  readonly kind:
    /** A read saw what no write may have left. */
    | 'never-written'
    /** A read had ended before the write of what it saw began. */
    | 'read-before-write'
    /** A value was read after another had been written over it: the read is stale, or the write was lost. */
    | 'stale-read'
    /** A value was there before another and after it, whenever that one may have been. */
    | 'overwritten'
    /** Two values both were there before the other and after it. */
    | 'back-and-forth'
    /** No order of the operations explains what one of them was answered. */
    | 'no-order';
  readonly key: string;
  /** The few operations that suffice, in the order in which they show it. */
  readonly proof: readonly Operation[];
  readonly because: string;
}

/** `undecided`: whoever looked has reached the bound of its search. */
export type Verdict =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'violation'; readonly violation: Violation }
  | { readonly kind: 'undecided' };

export const LINEARIZABLE: Verdict = { kind: 'linearizable' };
export const UNDECIDED: Verdict = { kind: 'undecided' };
