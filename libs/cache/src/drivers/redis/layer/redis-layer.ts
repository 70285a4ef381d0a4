import type { LeaseLook } from '../../../core/coherence/lease.js';
import type { Fence } from '../../../core/layers/fence.js';
import type { Entry } from '../../../core/entry/entry.js';
import type { Headers } from '../../../core/layers/doubts.js';
import type { Layer, StoreCause, StoreOutcome } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { Announce } from '../bus/announcements.js';
import { Courier, type CourierParts, type Letters, type Lines } from '../calls/courier.js';
import type { NodeBreakers } from '../calls/node-breakers.js';
import { EXPIRE } from '../scripts/expire.script.js';
import { REMOVE } from '../scripts/remove.script.js';
import { LOADED, STORE } from '../scripts/store.script.js';
import { Changes } from './changes.js';
import { entryBytes } from './entry-bytes.js';
import { EntryRead } from './entry-read.js';
import { EntryReader, type EntryReaderParts } from './entry-reader.js';
import { RedisFence } from './redis-fence.js';
import { readFailure } from './failures.js';
import { RedisHeaders } from './redis-headers.js';
import { Sightings } from './sightings.js';

export interface RedisLayerParts extends EntryReaderParts {
  /** This process's own time. */
  readonly local: Clock;
  /** The full key of an id. */
  readonly fullKey: (id: string) => string;
  /** Where changes of an id are told. */
  readonly channel: (id: string) => string;
  readonly announce: Announce;
  /** The highest assigned version that this process has given or seen. */
  readonly highest: () => number;
  /** Told of the assigned versions that Redis shows, where they rise. */
  readonly seen: (assigned: number) => void;
  /** Told of the version that a change of this process has given an id. */
  readonly changed: (id: string, assigned: number) => void;
  /** A reply said `serverMs`; it was asked for and came at these times of the local clock. */
  readonly learn: (serverMs: number, sent: number, received: number) => void;
  /** What a caller waits who can do without the answer, ms. Default `ANSWER_MS`. */
  readonly patience?: number | undefined;
  /** Which nodes are not asked, because they do not answer. */
  readonly breakers?: NodeBreakers | undefined;
  /** What a test puts before the way to Redis. */
  readonly carrying?: CourierParts['carrying'];
}

/** What the processes of a fleet share: the entries, and what they agree on about them. */
export interface RedisEntries {
  readonly layer: Layer;
  readonly headers: Headers & LeaseLook & Pick<RedisHeaders, 'assigned'>;
  readonly fence: Fence;
}

/** The entries over these connections. */
export function redisEntries(lines: Lines, parts: RedisLayerParts): RedisEntries {
  const courier = new Courier(lines, parts);
  const inside = insideOf(courier, parts);
  return { ...entriesBy(inside), headers: new RedisHeaders({ ...inside, courier }) };
}

/** The entries, asked and told by this courier alone. */
export function entriesThrough(courier: Letters, parts: RedisLayerParts): Pick<RedisEntries, 'layer' | 'fence'> {
  return entriesBy(insideOf(courier, parts));
}

interface Inside extends RedisLayerParts {
  readonly courier: Letters;
  readonly changes: Changes;
  readonly reader: EntryReader;
  readonly sightings: Sightings;
}

function insideOf(courier: Letters, parts: RedisLayerParts): Inside {
  const sightings = new Sightings(parts.clock, parts.seen);
  const changes = new Changes({ ...parts, courier, sightings });
  return { ...parts, courier, changes, sightings, reader: new EntryReader(parts, sightings) };
}

function entriesBy(inside: Inside): Pick<RedisEntries, 'layer' | 'fence'> {
  return { layer: new RedisLayer(inside), fence: new RedisFence(inside) };
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
      const away = courier.away(key);
      if (away !== undefined) throw readFailure(key, away);
      courier.read(new EntryRead(key, reader, { resolve, reject }));
    });
  }

  /**
   * @throws {CacheWriteError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  async store(id: string, entry: Entry, cause: StoreCause): Promise<StoreOutcome> {
    const { fullKey, codecs } = this.parts;
    const bytes = entryBytes(entry, { key: fullKey(id), codecs });
    const { status } = await this.parts.changes.run(STORE, id, (notice) => [
      bytes,
      cause === 'load' ? LOADED : notice('set'),
      cause === 'contested' ? 1 : 0,
    ]);
    return status === 1 ? 'stored' : 'older';
  }

  /** @throws as `store`. */
  async remove(id: string): Promise<void> {
    await this.parts.changes.run(REMOVE, id, (notice) => [this.parts.highest(), notice('delete')]);
  }

  /** @throws as `store`. */
  async expire(id: string): Promise<void> {
    await this.parts.changes.run(EXPIRE, id, (notice) => [this.parts.highest(), notice('expire')]);
  }

  /** The connections belong to whoever opened them. */
  close(): void {}
}
