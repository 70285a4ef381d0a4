import type { RedisArgument } from '../redis-client.js';
import type { Script } from '../scripts/script.js';

/**
 * Something asked of Redis about one key. Only the first answer is heard, so that a late one, or a second, goes nowhere.
 * Answering never throws.
 */
export interface Question {
  /** The full key. */
  readonly key: string;
  fail(error: unknown): void;
}

export interface Read extends Question {
  /** @param reply the bytes under the key; null: nothing there */
  take(reply: unknown): void;
}

export interface Change extends Question {
  readonly script: Script;
  /** Where it is told. */
  readonly channel: string;
  /** What the script takes for this key. */
  readonly args: readonly RedisArgument[];
  /** @param status what the script says of this key */
  take(status: number): void;
}

/** How questions reach Redis; what is given together travels together, at most a batch. */
export interface Carrier {
  /** Resolves when all are answered. What it rejects with is the answer to those that have none. */
  read(reads: readonly Read[]): Promise<void>;
  /** The same, for changes by one script that are told on one channel. */
  change(changes: readonly Change[]): Promise<void>;
}
