import type { NoticeKind } from '../../../core/coherence/bus.js';
import type { Entry } from '../../../core/entry/entry.js';
import { sealEntry } from '../../../core/entry/envelope.js';
import { ANSWER_MS, type Layer, type StoreCause, type StoreOutcome } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { RedisArgument } from '../redis-client.js';
import type { ClusterConnections, ServerConnections } from '../redis-connections.js';
import { within } from '../within.js';
import { EXPIRE } from '../scripts/expire.script.js';
import { REMOVE } from '../scripts/remove.script.js';
import type { Script } from '../scripts/script.js';
import { LOADED, STORE } from '../scripts/store.script.js';
import { ClusterCarrier } from './cluster-carrier.js';
import { EntryRead } from './entry-read.js';
import { EntryReader, type EntryReaderParts } from './entry-reader.js';
import { NotReady, readFailure, writeFailure } from './failures.js';
import type { Carrier, Change, Question, Read } from './question.js';
import { ScriptRunner } from './script-runner.js';
import { Sightings } from './sightings.js';
import { StandaloneCarrier } from './standalone-carrier.js';
import { TickBatch } from './tick-batch.js';

/** Questions that travel together. */
const BATCH = 50;

/** Bytes of changes that travel together: a server does nothing else while it stores them. */
const BATCH_BYTES = 256 * 1024;

/** Of `RedisConnections` what it takes to carry the layer. */
export type LayerConnections =
  | Pick<ServerConnections, 'kind' | 'data' | 'isReady'>
  | Pick<ClusterConnections, 'kind' | 'data' | 'isReady' | 'ownerOf'>;

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
export function redisLayer(connections: LayerConnections, parts: RedisLayerParts): Layer {
  const sightings = new Sightings(parts.clock, parts.seen);
  const scripts = new ScriptRunner({ ...parts, note: (assigned) => sightings.note(assigned) });
  const carrier =
    connections.kind === 'cluster'
      ? new ClusterCarrier(connections, scripts)
      : new StandaloneCarrier(connections.data, scripts);
  const reader = new EntryReader(parts, sightings);
  return new RedisLayer({ ...parts, carrier, reader, isReady: () => connections.isReady() });
}

interface Inside extends RedisLayerParts {
  readonly carrier: Carrier;
  readonly reader: EntryReader;
  readonly isReady: () => boolean;
}

/** Entries in Redis, standalone or cluster: one string a key, one key an operation. */
class RedisLayer implements Layer {
  readonly name = 'shared';
  readonly #reads: TickBatch<Read>;
  readonly #changes: TickBatch<Change>;

  constructor(private readonly parts: Inside) {
    const { carrier } = parts;
    this.#reads = new TickBatch((batch) => void this.#send(batch, (all) => carrier.read(all)), { count: BATCH });
    this.#changes = new TickBatch((batch) => void this.#send(batch, (all) => carrier.change(all)), {
      count: BATCH,
      fits: ({ script, channel }, before) => script === before.script && channel === before.channel,
      size: { of: ({ args }) => sizeOf(args), most: BATCH_BYTES },
    });
  }

  /**
   * @throws {CacheReadError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  read(id: string): Promise<Entry | undefined> {
    return new Promise((resolve, reject) => {
      const key = this.parts.fullKey(id);
      if (!this.parts.isReady()) throw readFailure(key, new NotReady());
      this.#reads.add(new EntryRead(key, this.parts.reader, { resolve, reject }));
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
      const key = this.parts.fullKey(id);
      if (!this.parts.isReady()) throw writeFailure(key, new NotReady());
      this.#changes.add({
        key,
        script,
        channel: this.parts.channel(id),
        args: args(),
        take: resolve,
        fail: (error) => reject(writeFailure(key, error)),
      });
    });
  }

  async #send<Q extends Question>(batch: readonly Q[], carry: (batch: readonly Q[]) => Promise<void>): Promise<void> {
    try {
      // Asked again: it may have gone since the question was.
      if (!this.parts.isReady()) throw new NotReady();
      await within(this.parts.local, ANSWER_MS, carry(batch));
    } catch (error) {
      for (const question of batch) question.fail(error);
    }
  }
}

function sizeOf(args: readonly RedisArgument[]): number {
  let size = 0;
  for (const arg of args) size += typeof arg === 'number' ? 8 : arg.length;
  return size;
}
