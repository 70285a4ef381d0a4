import type { RedisArgument } from '../redis-client.js';
import type { Script } from './script.js';

/**
 * Something asked of Redis about one key. Only the first answer is heard, so that a late one, or a second, goes nowhere.
 * Answering never throws.
 */
export interface Question {
  /** The full key. */
  readonly key: string;
  /** Whether it was answered. Absent: nobody knows, and it counts as not answered. */
  isOver?(): boolean;
  fail(error: unknown): void;
}

export interface Read extends Question {
  /** @param reply the bytes under the key; null: nothing there */
  take(reply: unknown): void;
}

/** One key's part in a call of a script. */
export interface ScriptCall extends Question {
  readonly script: Script;
  /** What the script takes once, for all keys of a call: who has the same may travel together. */
  readonly common: string;
  /** What the script takes for this key. */
  readonly args: readonly RedisArgument[];
  /** Whether somebody waits for the answer who can do without it, and does not wait long. */
  readonly isBrief?: boolean | undefined;
  /** @param said what the script says of this key, as many things as its width */
  take(said: readonly unknown[]): void;
}

/** How questions reach Redis; what is given together travels together, at most a batch. */
export interface Carrier {
  /** Resolves when all are answered. What it rejects with is the answer to those that have none. */
  read(reads: readonly Read[]): Promise<void>;
  /** The same, of the headers alone; for nothing there no bytes come. */
  readHeaders(reads: readonly Read[]): Promise<void>;
  /** The same, for calls of one script with the same `common`. */
  run(calls: readonly ScriptCall[]): Promise<void>;
  /** As `run`, but all in one call of the script: their keys are in one slot. */
  together(calls: readonly ScriptCall[]): Promise<void>;
}
