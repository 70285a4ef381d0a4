import type { Codecs } from '../../../core/entry/codec.js';
import type { Entry } from '../../../core/entry/entry.js';
import { openEntry, sealEntry, type Unreadable } from '../../../core/entry/envelope.js';
import { TOMBSTONE_MS, type Layer, type StoreOutcome } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { NoticeKind } from '../bus/notice.js';
import type { RedisArgument, RedisSender } from '../redis-client.js';
import { EXPIRE } from '../scripts/expire.script.js';
import { REMOVE } from '../scripts/remove.script.js';
import type { Script } from '../scripts/script.js';
import { STORE } from '../scripts/store.script.js';
import { readReply, type ScriptReply } from './script-reply.js';
import type { Reads } from './standalone-reads.js';
import { TickBatch } from './tick-batch.js';
import { within } from './within.js';

/** Commands that travel together. */
const BATCH = 50;

/** No command outlives this: neither in the caller, nor in a server that was stopped and goes on. */
const DEADLINE_MS = 1_000;

export interface RedisLayerParts {
  readonly client: Pick<RedisSender, 'call'>;
  readonly reads: Reads;
  /** The server's time. */
  readonly clock: Clock;
  readonly codecs: Codecs;
  /** The full key of an id. */
  readonly fullKey: (id: string) => string;
  /** Where changes are told, and the message up to the version; '' tells nobody. */
  readonly channel: string;
  readonly notice: (kind: NoticeKind) => string;
  /** Bytes under a key of ours that cannot be read: a miss. */
  readonly unreadable?: ((key: string, reason: Unreadable) => void) | undefined;
}

/** Entries in Redis, standalone or cluster: one string a key, one key an operation. */
export class RedisLayer implements Layer {
  readonly name = 'shared';
  readonly #batch: TickBatch<Buffer | null>;

  constructor(private readonly parts: RedisLayerParts) {
    const { clock, reads } = parts;
    this.#batch = new TickBatch((keys) => within(clock, DEADLINE_MS, reads(keys)), BATCH);
  }

  /** @throws {CacheTimeoutError} when Redis does not answer in time, and what the client throws when it is away. */
  async read(id: string): Promise<Entry | undefined> {
    const { fullKey, codecs, unreadable } = this.parts;
    const key = fullKey(id);
    const bytes = await this.#batch.get(key);
    if (bytes === null) return undefined;
    const opened = openEntry(bytes, { key, codecs });
    if (opened.ok) return opened.entry;
    unreadable?.(key, opened.reason);
    return undefined;
  }

  async store(id: string, entry: Entry): Promise<StoreOutcome> {
    const { fullKey, codecs } = this.parts;
    const key = fullKey(id);
    const bytes = Buffer.from(sealEntry(entry, { key, codecs }));
    const { done } = await this.#run(STORE, key, { before: [bytes], kind: 'set' });
    return done ? 'stored' : 'older';
  }

  async remove(id: string): Promise<void> {
    await this.#run(REMOVE, this.parts.fullKey(id), { before: [TOMBSTONE_MS], kind: 'delete' });
  }

  async expire(id: string): Promise<void> {
    await this.#run(EXPIRE, this.parts.fullKey(id), { before: [], kind: 'expire' });
  }

  /** The connections belong to whoever opened them. */
  close(): void {}

  async #run(
    script: Script,
    key: string,
    { before, kind }: { before: readonly RedisArgument[]; kind: NoticeKind },
  ): Promise<ScriptReply> {
    const { client, clock, channel, notice } = this.parts;
    const deadline = Math.ceil(clock.now() + DEADLINE_MS);
    const reply = script.run(client, key, [...before, deadline, channel, notice(kind)]);
    return readReply(await within(clock, DEADLINE_MS, reply), key);
  }
}
