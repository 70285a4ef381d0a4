import type { Read, ScriptCall } from '../calls/question.js';

/** How long replicas have to confirm. */
export const CONFIRM_MS = 500;

/** What one caller asks: one call of a script, for several keys where they are in one slot, or a read. */
export interface Asked {
  /** The full key that says which server is asked. */
  readonly key: string;
  readonly calls: readonly ScriptCall[];
  readonly read?: Read | undefined;
  /** Replicas that should confirm; fewer are waited for until `CONFIRM_MS`. */
  readonly needed: number;
  fail(error: unknown): void;
  /** Settles it for good: the answers were given to `calls` and `read` before. */
  end(replicas: number): void;
}

export type Group = readonly Asked[];
