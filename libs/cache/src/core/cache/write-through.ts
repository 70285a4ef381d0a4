import type { Intent, Standing } from '../coherence/intents.js';
import type { ValueEntry } from '../entry/entry.js';
import { CacheError, CacheWriteError } from '../errors.js';
import type { Invalidations } from './invalidations.js';
import type { Keeper } from './keeper.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';
import { SecondTrip } from './second-trip.js';

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
    private readonly invalidations: Invalidations,
  ) {}

  /** A write whose key is known before the save. */
  async write<R>(id: string, write: Write<R>): Promise<R> {
    const intent = this.parts.intents.begin(id);
    const announced = this.invalidations.announce(id);
    if (announced instanceof Promise) await announced;
    let result: R;
    try {
      result = await write.save();
    } catch (error) {
      // Nobody knows whether a save that failed has changed the source.
      this.parts.intents.end(intent);
      await this.invalidations.drop(id);
      throw error;
    }
    await this.#end(intent, () => write.value(result), write.rules);
    return result;
  }

  /**
   * A write whose key is known only after the save: kept only if a source version can order it among others, and
   * nothing happened to the key since the position that was taken before the save.
   */
  settle(id: string, value: unknown, { rules, since }: { rules: CallRules; since: number }): Promise<void> {
    const standing = this.parts.notices.keeps(id, since) ? 'overlapped' : 'disturbed';
    return this.#keep(id, () => value, { rules, standing });
  }

  #end(intent: Intent, value: () => unknown, rules: CallRules): Promise<void> {
    return this.#keep(intent.key, value, { rules, standing: this.parts.intents.end(intent) });
  }

  async #keep(
    id: string,
    value: () => unknown,
    { rules, standing }: { rules: CallRules; standing: Standing },
  ): Promise<void> {
    const entry = standing === 'disturbed' ? undefined : this.#entry(id, value, rules);
    const isOrdered = standing === 'alone' || entry?.version.source !== undefined;
    if (entry === undefined || !isOrdered) await this.invalidations.drop(id);
    else await this.#store(id, entry);
  }

  /** A value that its layer did not take leaves nothing behind: what is there may be older than what was saved. */
  async #store(id: string, entry: ValueEntry): Promise<void> {
    const since = this.invalidations.note(id);
    const further = new SecondTrip(id, this.parts);
    const became = this.parts.store.store(id, entry, { since, cause: 'write' });
    try {
      const outcome = became instanceof Promise ? await became : became;
      this.keeper.told(id, entry, outcome);
      if (outcome === 'older') await further.take(this.#yield(id, entry));
    } catch (error) {
      this.invalidations.owe(id, error);
    }
  }

  /** What is there stays only where the source itself calls it newer. */
  async #yield(id: string, entry: ValueEntry): Promise<void> {
    if (!(await this.#isNewerThere(id, entry))) await this.invalidations.drop(id);
  }

  /** Whether what refused the entry is a value that the source itself calls newer, and not just one of a later number. */
  async #isNewerThere(id: string, { version: { source } }: ValueEntry): Promise<boolean> {
    if (source === undefined) return false;
    const { hot, below } = this.parts.store;
    const there = await (below.at(-1) ?? hot).read(id);
    const theirs = there?.kind === 'value' ? there.version.source : undefined;
    return theirs !== undefined && theirs >= source;
  }

  #entry(id: string, value: () => unknown, rules: CallRules): ValueEntry | undefined {
    try {
      const saved = value();
      if (saved === undefined) return undefined;
      const assigned = this.parts.versions.next();
      return this.keeper.entry(this.keeper.freeze(id, saved, rules), saved, { rules, computeMs: 0, assigned });
    } catch (cause) {
      const key = this.parts.keys.full(id);
      const error = cause instanceof CacheError ? cause : unreadable(key, cause);
      this.parts.events.emit({ type: 'write-uncached', key, error });
      return undefined;
    }
  }
}

function unreadable(key: string, cause: unknown): CacheError {
  return new CacheWriteError(`'${key}': the saved value could not be read from the result, and is not cached.`, {
    key,
    cause,
  });
}
