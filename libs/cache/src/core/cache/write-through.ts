import type { Intent, Standing } from '../coherence/intents.js';
import { CacheError, CacheWriteError } from '../errors.js';
import type { Keeper } from './keeper.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

export interface Write<R> {
  readonly rules: CallRules;
  /** Changes the source. */
  readonly save: () => Promise<R>;
  /** What of the result is cached. */
  readonly value: (result: R) => unknown;
}

/**
 * Changes the source first, then the cache. What the save throws reaches the caller unchanged; once the save
 * succeeded nothing that the cache does can fail the call.
 */
export class WriteThrough {
  constructor(
    private readonly parts: CacheParts,
    private readonly keeper: Keeper,
  ) {}

  /** A write whose key is known before the save. */
  async write<R>(id: string, write: Write<R>): Promise<R> {
    const intent = this.#begin(id);
    let result: R;
    try {
      result = await write.save();
    } catch (error) {
      // Nobody knows whether a save that failed has changed the source.
      this.parts.intents.end(intent);
      this.drop(id);
      throw error;
    }
    this.#end(intent, () => write.value(result), write.rules);
    return result;
  }

  /**
   * A write whose key is known only after the save: kept only if a source version can order it among others, and
   * nothing happened to the key since the position that was taken before the save.
   */
  settle(id: string, value: unknown, { rules, since }: { rules: CallRules; since: number }): void {
    const standing = this.parts.notices.admits(id, since) ? 'overlapped' : 'disturbed';
    this.#keep(id, () => value, { rules, standing });
  }

  /** Nothing that was known of the key is served any more. */
  drop(id: string): void {
    this.#invalidate(id);
    this.parts.intents.disturb(id);
    void this.parts.store.remove(id);
    this.#tell('deleted', id);
  }

  /** What was known of the key is no longer fresh. */
  outdate(id: string): void {
    this.#invalidate(id);
    this.parts.intents.disturb(id);
    void this.parts.store.expire(id);
    this.#tell('expired', id);
  }

  #begin(id: string): Intent {
    const intent = this.parts.intents.begin(id);
    this.parts.flights.void(id);
    void this.parts.store.expire(id);
    return intent;
  }

  #end(intent: Intent, value: () => unknown, rules: CallRules): void {
    this.#keep(intent.key, value, { rules, standing: this.parts.intents.end(intent) });
  }

  #keep(id: string, value: () => unknown, { rules, standing }: { rules: CallRules; standing: Standing }): void {
    if (standing === 'disturbed') return this.drop(id);
    const since = this.#invalidate(id);
    try {
      const saved = value();
      if (saved === undefined) return this.drop(id);
      const entry = this.keeper.entry(this.keeper.freeze(id, saved, rules), saved, { rules, since, computeMs: 0 });
      const isOrdered = standing === 'alone' || entry.version.source !== undefined;
      if (isOrdered) this.keeper.store(id, entry, since);
      else this.drop(id);
    } catch (cause) {
      this.drop(id);
      const error = cause instanceof CacheError ? cause : unreadable(this.parts.keys.full(id), cause);
      this.parts.events.emit({ type: 'write-uncached', key: this.parts.keys.full(id), error });
    }
  }

  #tell(type: 'deleted' | 'expired', id: string): void {
    if (this.parts.events.wants(type)) this.parts.events.emit({ type, key: this.parts.keys.full(id) });
  }

  /** Loads and writes that began before are refused from here on. Where the notices stand then. */
  #invalidate(id: string): number {
    this.parts.flights.void(id);
    return this.parts.notices.note(id);
  }
}

function unreadable(key: string, cause: unknown): CacheError {
  return new CacheWriteError(`'${key}': the saved value could not be read from the result, and is not cached.`, {
    key,
    cause,
  });
}
