import type { SharedIntent } from '../coherence/lease.js';
import type { Ending, Fence } from '../layers/fence.js';
import type { Intent, Standing } from '../coherence/intents.js';
import type { ValueEntry } from '../entry/entry.js';
import { CacheError, CacheWriteError } from '../errors.js';
import type { MaybePromise } from '../layers/layer.js';
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

/** A write under way, in this process and among all that share the entries. */
interface Writing {
  readonly intent: Intent;
  readonly shared: SharedIntent | undefined;
}

/** What a save came to; without rules nothing of it is kept. */
interface Saved {
  readonly rules?: CallRules | undefined;
  readonly value: () => unknown;
}

const nothing = (): undefined => undefined;

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
  async write<R>(id: string, { rules, save, value }: Write<R>): Promise<R> {
    const begun = this.#begin(id);
    const writing = begun instanceof Promise ? await begun : begun;
    let result: R;
    try {
      result = await save();
    } catch (error) {
      // Nobody knows whether a save that failed has changed the source.
      await this.#end(writing, { value: nothing, rules });
      throw error;
    }
    await this.#end(writing, { value: () => value(result), rules });
    return result;
  }

  /** A change of the source that leaves no value: the keys are gone when it is done, however it went. */
  async remove<R>(ids: readonly string[], change: () => Promise<R>): Promise<R> {
    const writings = await Promise.all(ids.map(async (id) => this.#begin(id)));
    try {
      return await change();
    } finally {
      await Promise.all(writings.map((writing) => this.#end(writing, { value: nothing })));
    }
  }

  /**
   * A write whose key is known only after the save: kept only if a source version can order it among others, and
   * nothing happened to the key since the position that was taken before the save.
   */
  settle(id: string, value: unknown, { rules, since }: { rules: CallRules; since: number }): Promise<void> {
    const standing = this.parts.notices.keeps(id, since) ? 'overlapped' : 'disturbed';
    return this.#keep(id, () => value, { rules, standing });
  }

  #begin(id: string): MaybePromise<Writing> {
    const intent = this.parts.intents.begin(id);
    const announced = this.invalidations.announce(id);
    if (announced instanceof Promise) return announced.then((shared) => ({ intent, shared }));
    return { intent, shared: announced };
  }

  #end({ intent, shared }: Writing, { value, rules }: Saved): Promise<void> {
    const { fleet, intents } = this.parts;
    const id = intent.key;
    const standing = intents.end(intent);
    if (fleet === undefined) return this.#keep(id, value, { rules, standing });
    const isPlaced = shared !== undefined && standing !== 'disturbed';
    const entry = isPlaced ? this.#entry(id, value, rules) : undefined;
    return this.#settled(fleet.fence, id, { intent: shared, entry, isAlone: standing === 'alone' });
  }

  /** All processes that share the entries decide together whether the value is the newest. */
  async #settled(fence: Fence, id: string, ending: Ending): Promise<void> {
    const { entry } = ending;
    if (entry === undefined) this.parts.intents.disturb(id);
    const since = this.invalidations.note(id);
    try {
      const ended = await fence.end(id, ending);
      if (ended === 'stored' && entry !== undefined) {
        await this.parts.store.keepHere(id, entry, { since, cause: 'write' });
        this.keeper.told(id, entry, ended);
      } else {
        this.invalidations.forget(id, ended === 'removed');
        if (ended === 'older' && entry !== undefined) this.keeper.told(id, entry, ended);
      }
    } catch (error) {
      this.invalidations.owe(id, error);
    }
  }

  async #keep(
    id: string,
    value: () => unknown,
    { rules, standing }: { rules?: CallRules | undefined; standing: Standing },
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

  #entry(id: string, value: () => unknown, rules: CallRules | undefined): ValueEntry | undefined {
    try {
      const saved = value();
      if (saved === undefined || rules === undefined) return undefined;
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
