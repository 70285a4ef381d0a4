import type { Lease, LeaseLook } from '../../../core/coherence/lease.js';
import type { EntryHeader } from '../../../core/entry/entry.js';
import type { Headers } from '../../../core/layers/doubts.js';
import type { Courier } from '../calls/courier.js';
import { EntryRead, type Reading } from './entry-read.js';
import type { EntryReader } from './entry-reader.js';
import { readFailure } from './failures.js';

export interface RedisHeadersParts {
  readonly courier: Courier;
  readonly reader: EntryReader;
  /** The full key of an id. */
  readonly fullKey: (id: string) => string;
}

/** The headers of the entries in Redis: some hundred bytes, whatever the value's size. */
export class RedisHeaders implements Headers, LeaseLook {
  readonly #reading: Reading<EntryHeader | undefined>;

  constructor(private readonly parts: RedisHeadersParts) {
    const { reader } = parts;
    this.#reading = { read: (_, reply) => reader.readHeader(reply), foreign: (key) => reader.foreign(key) };
  }

  /**
   * @throws {CacheReadError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  header(id: string): Promise<EntryHeader | undefined> {
    return this.#ask(id, this.#reading);
  }

  /**
   * The version of what is under the key, a tombstone or a lease as well; 0: nothing of ours.
   * @throws as `header`.
   */
  assigned(id: string): Promise<number> {
    const { reader } = this.parts;
    return this.#ask(id, { read: (_, reply) => reader.readAssigned(reply), foreign: () => 0 });
  }

  /** @throws as `header`. */
  stands({ key, id }: Lease): Promise<boolean> {
    const { reader } = this.parts;
    return this.#ask(key, { read: (_, reply) => reader.isLeased(reply, id), foreign: () => false });
  }

  #ask<V>(id: string, reading: Reading<V>): Promise<V> {
    return new Promise((resolve, reject) => {
      const { courier, fullKey } = this.parts;
      const key = fullKey(id);
      const away = courier.away(key);
      if (away !== undefined) throw readFailure(key, away);
      courier.readHeader(new EntryRead(key, reading, { resolve, reject }));
    });
  }
}
