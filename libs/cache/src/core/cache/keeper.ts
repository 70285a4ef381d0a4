import { CacheError, CacheSerializationError } from '../errors.js';
import { valueEntry, type Snapshot, type ValueEntry } from '../entry/entry.js';
import { snapshot } from '../entry/snapshot.js';
import { sourceVersion } from '../entry/version.js';
import type { NotStoredReason } from '../events/cache-event.js';
import type { LayeredOutcome } from '../layers/layered-store.js';
import { jittered } from './jitter.js';
import type { Outcome } from './outcome.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

export interface Keep {
  readonly rules: CallRules;
  /** The position of the notices when the value was asked for. */
  readonly since: number;
  readonly computeMs: number;
}

/** Turns values into entries and gives them to the layers; says what came of it. */
export class Keeper {
  constructor(private readonly parts: CacheParts) {}

  /** Keeps what a loader gave, unless the key changed while it ran. */
  keep(id: string, loaded: unknown, keep: Keep): Outcome {
    if (loaded === undefined) {
      this.#notStored(id, 'undefined');
      return { kind: 'nothing' };
    }
    try {
      const kept = this.freeze(id, loaded, keep.rules);
      if (this.parts.intents.isOpen(id)) this.#notStored(id, 'invalidated');
      else this.store(id, this.entry(kept, loaded, keep), keep.since);
      return { kind: 'kept', kept };
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      const { origin } = keep.rules;
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

  entry(kept: Snapshot, value: unknown, keep: Keep): ValueEntry {
    const { clock, random, versions } = this.parts;
    const { rules, computeMs } = keep;
    const createdAt = clock.now();
    const freshUntil = createdAt + jittered(rules.ttl, random);
    const version = { source: sourceOf(rules, value), assigned: versions.next() };
    return valueEntry(kept, { version, createdAt, freshUntil, staleUntil: freshUntil, computeMs, tagGeneration: 0 });
  }

  /** The caller does not wait for layers that answer later. */
  store(id: string, entry: ValueEntry, since: number): void {
    const outcome = this.parts.store.store(id, entry, since);
    if (!(outcome instanceof Promise)) this.#tell(id, entry, outcome);
    else {
      outcome.then(
        (late) => this.#tell(id, entry, late),
        () => this.#notStored(id, 'failed'),
      );
    }
  }

  #tell(id: string, entry: ValueEntry, outcome: LayeredOutcome): void {
    const { events, keys } = this.parts;
    if (outcome !== 'stored') this.#notStored(id, outcome);
    else if (events.wants('stored')) {
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
