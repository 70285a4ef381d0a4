import type { NoticeKind } from '../../../core/coherence/bus.js';
import type { Entry } from '../../../core/entry/entry.js';
import { sealEntry } from '../../../core/entry/envelope.js';
import type { Layer, StoreCause, StoreOutcome } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import { Courier, type Lines } from '../calls/courier.js';
import { NotReady } from '../calls/not-ready.js';
import type { Script } from '../calls/script.js';
import type { RedisArgument } from '../redis-client.js';
import { EXPIRE } from '../scripts/expire.script.js';
import { REMOVE } from '../scripts/remove.script.js';
import { LOADED, STORE } from '../scripts/store.script.js';
import { EntryRead } from './entry-read.js';
import { EntryReader, type EntryReaderParts } from './entry-reader.js';
import { readFailure, writeFailure } from './failures.js';
import { noneOfOurs } from '../calls/script-reply.js';
import { Sightings } from './sightings.js';

export interface RedisLayerParts extends EntryReaderParts {
  /** This process's own time. */
  readonly local: Clock;
  /** The full key of an id. */
  readonly fullKey: (id: string) => string;
  /** Where changes of an id are told. */
  readonly channel: (id: string) => string;
  /** The message up to the version; '' tells nobody. */
  readonly notice: (kind: NoticeKind) => string;
  /** The highest assigned version that this process has given or seen. */
  readonly highest: () => number;
  /** Told of the assigned versions that Redis shows, where they rise. */
  readonly seen: (assigned: number) => void;
  /** A reply said `serverMs`; it was asked for and came at these times of the local clock. */
  readonly learn: (serverMs: number, sent: number, received: number) => void;
}

/** The shared layer over these connections. */
export function redisLayer(lines: Lines, parts: RedisLayerParts): Layer {
  const sightings = new Sightings(parts.clock, parts.seen);
  const reader = new EntryReader(parts, sightings);
  return new RedisLayer({ ...parts, courier: new Courier(lines, parts), reader, sightings });
}

interface Inside extends RedisLayerParts {
  readonly courier: Courier;
  readonly reader: EntryReader;
  readonly sightings: Sightings;
}

/** Entries in Redis, standalone or cluster: one string a key, one key an operation. */
class RedisLayer implements Layer {
  readonly name = 'shared';

  constructor(private readonly parts: Inside) {}

  /**
   * @throws {CacheReadError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  read(id: string): Promise<Entry | undefined> {
    return new Promise((resolve, reject) => {
      const { courier, fullKey, reader } = this.parts;
      const key = fullKey(id);
      if (!courier.isReady) throw readFailure(key, new NotReady());
      courier.read(new EntryRead(key, reader, { resolve, reject }));
    });
  }

  /**
   * @throws {CacheWriteError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  async store(id: string, entry: Entry, cause: StoreCause): Promise<StoreOutcome> {
    const { fullKey, codecs, notice } = this.parts;
    const { buffer, byteOffset, byteLength } = sealEntry(entry, { key: fullKey(id), codecs });
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    const status = await this.#change(STORE, id, () => [bytes, cause === 'load' ? LOADED : notice('set')]);
    return status === 1 ? 'stored' : 'older';
  }

  /** @throws as `store`. */
  async remove(id: string): Promise<void> {
    await this.#change(REMOVE, id, () => [this.parts.highest(), this.parts.notice('delete')]);
  }

  /** @throws as `store`. */
  async expire(id: string): Promise<void> {
    await this.#change(EXPIRE, id, () => [this.parts.highest(), this.parts.notice('expire')]);
  }

  /** The connections belong to whoever opened them. */
  close(): void {}

  /** The arguments are asked for only when they are sent: a message that nobody sends would be missed. */
  #change(script: Script, id: string, args: () => readonly RedisArgument[]): Promise<number> {
    return new Promise((resolve, reject) => {
      const { courier, fullKey, channel, sightings } = this.parts;
      const key = fullKey(id);
      if (!courier.isReady) throw writeFailure(key, new NotReady());
      const fail = (error: unknown): void => reject(writeFailure(key, error));
      const take = (said: readonly unknown[]): void => {
        const [status = NaN, assigned = NaN] = said.map(Number);
        if (!Number.isSafeInteger(status) || !Number.isSafeInteger(assigned)) return fail(noneOfOurs());
        sightings.note(assigned);
        resolve(status);
      };
      courier.call({ key, script, common: channel(id), args: args(), take, fail });
    });
  }
}
