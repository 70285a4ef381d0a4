import type { Lease } from '../coherence/lease.js';
import { CacheError, CacheSerializationError } from '../errors.js';
import { valueEntry, type Snapshot, type ValueEntry } from '../entry/entry.js';
import { snapshot } from '../entry/snapshot.js';
import { sourceVersion } from '../entry/version.js';
import type { NotStoredReason } from '../events/cache-event.js';
import type { MaybePromise } from '../layers/layer.js';
import { TAGGED_LIFE_MS } from '../tags/tag-store.js';
import type { Tagging } from '../tags/tagging.js';
import { tagsUnderStrict } from '../tags/tags-option.js';
import type { LayeredOutcome } from '../layers/layered-store.js';
import { dueAt } from './early-rules.js';
import { jittered } from './jitter.js';
import { lifetimeOf } from './lifetime.js';
import type { LoadWishes } from './load.js';
import type { Outcome } from './outcome.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

/** What the header of a value's entry is made of. */
export interface About {
  readonly rules: CallRules;
  readonly computeMs: number;
  /** Of the moment its load began, or its save was done. */
  readonly assigned: number;
  /** What the loader said of it. */
  readonly wishes?: LoadWishes | undefined;
  /** Of the moment its load or its save began. */
  readonly tagging: Tagging;
}

/** A loaded value's way into the layers. */
export interface Keep extends About {
  /** The position of the notices when the value was asked for. */
  readonly since: number;
  /** Told when the caller is answered before all layers have the value. */
  readonly filling: (done: Promise<void>) => void;
  /** Under which it was loaded, where processes share entries. */
  readonly lease?: Lease | undefined;
}

/** Turns values into entries and gives them to the layers; says what came of it. */
export class Keeper {
  constructor(private readonly parts: CacheParts) {}

  /** Keeps what a loader gave, unless the key changed while it ran. The caller does not wait for layers that answer later. */
  keep(id: string, loaded: unknown, keep: Keep): Outcome {
    return this.#outcome(id, { loaded, rules: keep.rules }, (kept) => {
      if (keep.wishes?.isSkipped === true) return this.#notStored(id, 'skipped');
      if (keep.rules.skips?.store === true || this.#isNowhere(keep.rules)) return this.#notStored(id, 'skipped');
      if (this.isTooLarge(id, kept, keep.rules)) return;
      if (this.parts.intents.isOpen(id)) return this.#notStored(id, 'invalidated');
      const entry = this.entry(kept, loaded, keep);
      const outcome = this.#store(id, entry, keep);
      if (outcome instanceof Promise) keep.filling(this.#filled(id, entry, outcome));
      else this.told(id, entry, outcome);
    });
  }

  /** Whether a value may not be kept because of its size, which is then told. */
  isTooLarge(id: string, { size }: Snapshot, { kept }: CallRules): boolean {
    if (size <= kept.maxEntrySize) return false;
    this.#notStored(id, 'too-large');
    return true;
  }

  /** Whether the call skips every layer there is. */
  #isNowhere({ skips }: CallRules): boolean {
    return skips?.local === true && (skips.shared || this.parts.store.below.length === 0);
  }

  /** Hands on what a loader gave while nobody knows what the layers hold. */
  pass(id: string, loaded: unknown, rules: CallRules): Outcome {
    return this.#outcome(id, { loaded, rules }, () => this.#notStored(id, 'failed'));
  }

  /** Hands on what was loaded inside a database transaction, for its own code only. */
  lend(id: string, loaded: unknown, rules: CallRules): Outcome {
    return this.#outcome(id, { loaded, rules }, () => this.#notStored(id, 'transaction'));
  }

  #outcome(
    id: string,
    { loaded, rules }: { loaded: unknown; rules: CallRules },
    store: (kept: Snapshot) => void,
  ): Outcome {
    if (loaded === undefined) {
      this.#notStored(id, 'undefined');
      return { kind: 'nothing' };
    }
    try {
      const kept = this.freeze(id, loaded, rules);
      store(kept);
      return { kind: 'kept', kept };
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      const { origin } = rules;
      if (origin !== undefined) {
        this.parts.events.emit({ type: 'uncached', method: origin, key: this.parts.keys.full(id), error });
      }
      return { kind: 'refused', loaded, error };
    }
  }

  /**
   * A copy that is safe to keep.
   * @throws {CacheSerializationError} with the path of what no layer can keep.
   */
  freeze(id: string, value: unknown, rules: Pick<CallRules, 'as'>): Snapshot {
    if (value !== undefined) return snapshot(value, { as: rules.as });
    throw new CacheSerializationError(
      `'${this.parts.keys.full(id)}': undefined means "not cached" and cannot be kept. Use null for a cached nothing, or delete the key.`,
      '$',
      { key: this.parts.keys.full(id) },
    );
  }

  entry(kept: Snapshot, value: unknown, { rules, computeMs, assigned, wishes, tagging }: About): ValueEntry {
    const { dates, random } = this.parts;
    const createdAt = dates.now();
    const tags = tagging.of(value, rules.tags);
    if (tags.length > 0 && rules.level === 'strict') throw tagsUnderStrict(rules.origin ?? 'load.tags');
    // What was done to a tag is forgotten after the longest of such lives.
    const longest = tags.length === 0 ? Infinity : TAGGED_LIFE_MS;
    const ttl = wishes?.lifetime ?? lifetimeOf(rules, value);
    const freshUntil = createdAt + jittered(Math.min(ttl, longest), random);
    const staleUntil = Math.max(freshUntil, Math.min(freshUntil + rules.stale.lasts, createdAt + longest));
    const version = { source: sourceOf(rules, value), assigned };
    const times = { createdAt, freshUntil, staleUntil, computeMs };
    const entry = valueEntry(kept, { version, ...times, tagGeneration: tagging.generation }, tags);
    const { localTtl, early } = rules;
    if (localTtl === undefined && early === undefined) return entry;
    return { ...entry, localTtl, refreshAt: early && dueAt(early, entry, random) };
  }

  #store(id: string, entry: ValueEntry, { since, lease, rules }: Keep): MaybePromise<LayeredOutcome> {
    const { store, fleet } = this.parts;
    if (rules.skips?.shared === true) return store.storeHere(id, entry, { since, cause: 'load' });
    if (fleet === undefined || lease === undefined) return store.store(id, entry, { since, cause: 'load' });
    return store.fill(id, entry, { since, lease, fence: fleet.fence });
  }

  async #filled(id: string, entry: ValueEntry, outcome: Promise<LayeredOutcome>): Promise<void> {
    try {
      this.told(id, entry, await outcome);
    } catch (error) {
      const key = this.parts.keys.full(id);
      this.parts.events.emit({ type: 'layer-failed', key, layer: 'shared', operation: 'fill', error });
      this.#notStored(id, 'failed');
    }
  }

  /** Says what became of an entry. */
  told(id: string, entry: ValueEntry, outcome: LayeredOutcome): void {
    const { events, keys, counts } = this.parts;
    if (outcome !== 'stored') return this.#notStored(id, outcome);
    counts.of(id).stored += 1;
    if (events.wants('stored')) {
      events.emit({ type: 'stored', key: keys.full(id), bytes: entry.size, ttl: entry.freshUntil - entry.createdAt });
    }
  }

  #notStored(id: string, reason: NotStoredReason): void {
    this.parts.events.emit({ type: 'not-stored', key: this.parts.keys.full(id), reason });
  }
}

/** The source's version of a value, where the definition or the decorator says how to find it. */
function sourceOf({ version }: CallRules, value: unknown): bigint | undefined {
  if (version === undefined || value === null) return undefined;
  try {
    return sourceVersion(version(value));
  } catch (cause) {
    if (cause instanceof CacheError) throw cause;
    throw new CacheSerializationError('version: the function that finds the version of the value threw', '$', {
      cause,
    });
  }
}
