import type { SharedIntent } from '../coherence/lease.js';
import type { Ending } from '../layers/fence.js';
import type { Intent, Standing } from '../coherence/intents.js';
import type { ValueEntry } from '../entry/entry.js';
import { CacheError, CacheWriteError } from '../errors.js';
import type { MaybePromise, StoreCause } from '../layers/layer.js';
import type { Announced, Invalidations } from './invalidations.js';
import type { Keeper } from './keeper.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import type { CacheParts, FleetParts } from './parts.js';
import type { CallRules } from './rules.js';
import { Tagging } from '../tags/tagging.js';
import { inTimeLeft, SecondTrip } from './second-trip.js';
import { soon } from './soon.js';
import { unknown } from './strictly.js';

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
  readonly announced: Announced | undefined;
  readonly tagging: Tagging;
  readonly level: ConsistencyLevel;
  /** What telling the others took, ms. */
  readonly spent: number;
}

/** What a save came to; without rules nothing of it is kept. */
interface Saved {
  readonly rules?: CallRules | undefined;
  readonly value: () => unknown;
}

/** Of a value that may be kept. */
interface Keeping {
  readonly rules?: CallRules | undefined;
  /** Of the moment its save began. */
  readonly tagging: Tagging;
}

/** Of a value whose key was known only after the save: where everything stood before that. */
export interface Settling {
  readonly rules: CallRules;
  /** The position of the notices. */
  readonly since: number;
  readonly tagging: Tagging;
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

  /**
   * A write whose key is known before the save.
   * @throws {CacheConsistencyError} under `strict`: `rejected` where the save did not run, `unknown` after it.
   */
  async write<R>(id: string, write: Write<R>): Promise<R> {
    const { rules, save, value } = write;
    if (rules.level === 'relaxed' && this.parts.fleet !== undefined) return this.#afterwards(id, write);
    const ready = rules.tags && this.parts.tags.begun(id);
    if (ready instanceof Promise) await ready;
    const begun = this.#begin(id, rules.level);
    const writing = begun instanceof Promise ? await begun : begun;
    let result: R;
    try {
      result = await save();
    } catch (error) {
      // Nobody knows whether a save that failed has changed the source.
      await this.#end(writing, { value: nothing, rules }).catch(() => undefined);
      throw error;
    }
    await this.#end(writing, { value: () => value(result), rules });
    return result;
  }

  /**
   * A change of the source that leaves no value: the keys are gone when it is done, however it went.
   * @throws {CacheConsistencyError} as `write`, where one of the keys is strict.
   */
  async remove<R>(ids: readonly string[], change: () => Promise<R>, level?: ConsistencyLevel): Promise<R> {
    const writings = await this.#beginAll(ids, level);
    let result: R;
    try {
      result = await change();
    } catch (error) {
      await Promise.allSettled(writings.map((writing) => this.#end(writing, { value: nothing })));
      throw error;
    }
    await Promise.all(writings.map((writing) => this.#end(writing, { value: nothing })));
    return result;
  }

  /**
   * A write whose key is known only after the save: kept only if a source version can order it among others, and
   * nothing happened to the key since the position that was taken before the save.
   */
  settle(id: string, value: unknown, { rules, since, tagging }: Settling): Promise<void> {
    const standing = this.parts.notices.keeps(id, since) ? 'overlapped' : 'disturbed';
    return this.#keep(id, () => value, { rules, standing, tagging });
  }

  /** All or none. */
  async #beginAll(ids: readonly string[], level?: ConsistencyLevel): Promise<readonly Writing[]> {
    const levelOf = (id: string) => this.parts.rules.forWrite(id, level && { level }).level;
    const begun = await Promise.allSettled(ids.map(async (id) => this.#begin(id, levelOf(id))));
    const writings = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = begun.find((one) => one.status === 'rejected');
    if (refused === undefined) return writings;
    await Promise.allSettled(writings.map((writing) => this.#end(writing, { value: nothing })));
    throw refused.reason;
  }

  #begin(id: string, level: ConsistencyLevel): MaybePromise<Writing> {
    const { intents, clock, tags } = this.parts;
    const tagging = new Tagging(tags.generation(id));
    const intent = intents.begin(id);
    const began = clock.now();
    const announced = this.invalidations.announce(id, level);
    if (!(announced instanceof Promise)) return { intent, level, announced, tagging, spent: 0 };
    return announced.then(
      (known) => ({ intent, level, announced: known, tagging, spent: clock.now() - began }),
      (error: unknown) => {
        intents.end(intent);
        throw error;
      },
    );
  }

  #end(writing: Writing, { value, rules }: Saved): Promise<void> {
    const { fleet, intents } = this.parts;
    const { intent, announced, tagging } = writing;
    const shared = announced?.shared;
    const id = intent.key;
    const standing = intents.end(intent);
    if (fleet === undefined) return this.#keep(id, value, { rules, standing, tagging });
    const isPlaced = shared !== undefined && standing !== 'disturbed';
    const entry = isPlaced ? this.#entry(id, value, { rules, tagging }) : undefined;
    if (announced?.late !== undefined) this.#endLate(id, announced.late);
    return this.#settled(id, writing, { intent: shared, entry, isAlone: standing === 'alone' });
  }

  /** What was confirmed too late for this write stands for no other: nobody need wait until it lapses. */
  #endLate(id: string, late: Promise<SharedIntent>): void {
    const { fence } = this.parts.fleet as FleetParts;
    late.then((intent) => fence.end(id, { intent, entry: undefined, isAlone: false })).catch(() => undefined);
  }

  /** Best effort: the save first, then one word of it, for which nobody waits long. */
  async #afterwards<R>(id: string, { rules, save, value }: Write<R>): Promise<R> {
    const since = this.parts.notices.position();
    const tagging = new Tagging(this.parts.tags.generation(id));
    let result: R;
    try {
      result = await save();
    } catch (error) {
      // Nobody knows whether a save that failed has changed the source.
      await soon(this.parts.clock, this.invalidations.drop(id));
      throw error;
    }
    const standing = this.parts.notices.keeps(id, since) ? 'alone' : 'overlapped';
    await soon(
      this.parts.clock,
      this.#keep(id, () => value(result), { rules, standing, tagging }),
    );
    return result;
  }

  /** All processes that share the entries decide together whether the value is the newest. */
  async #settled(id: string, { level, spent }: Writing, ending: Ending): Promise<void> {
    const { fence, strict } = this.parts.fleet as FleetParts;
    const isStrict = level === 'strict';
    const { entry } = ending;
    if (entry === undefined) this.parts.intents.disturb(id);
    const since = this.invalidations.note(id);
    try {
      const trip = (isStrict ? strict.fence : fence).end(id, ending);
      const ended = await (isStrict ? trip : inTimeLeft({ id, trip, spent }, this.parts));
      if (ended === 'stored' && entry !== undefined) {
        await this.parts.store.keepHere(id, entry, { since, cause: 'write' });
        this.keeper.told(id, entry, ended);
      } else {
        this.invalidations.forget(id, ended === 'removed');
        if (ended === 'older' && entry !== undefined) this.keeper.told(id, entry, ended);
      }
    } catch (error) {
      this.invalidations.owe(id, error);
      if (isStrict) throw unknown(this.parts.keys.full(id), error);
    }
  }

  async #keep(
    id: string,
    value: () => unknown,
    { rules, standing, tagging }: Keeping & { standing: Standing },
  ): Promise<void> {
    const entry = standing === 'disturbed' ? undefined : this.#entry(id, value, { rules, tagging });
    const isOrdered = standing === 'alone' || entry?.version.source !== undefined;
    if (entry === undefined || !isOrdered) await this.invalidations.drop(id);
    else await this.#store(id, entry, standing === 'alone' ? 'write' : 'contested');
  }

  /** A value that its layer did not take leaves nothing behind: what is there may be older than what was saved. */
  async #store(id: string, entry: ValueEntry, cause: StoreCause): Promise<void> {
    const since = this.invalidations.note(id);
    const further = new SecondTrip(id, this.parts);
    const became = this.parts.store.store(id, entry, { since, cause });
    try {
      const outcome = became instanceof Promise ? await further.take(became) : became;
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
    return theirs !== undefined && theirs > source;
  }

  #entry(id: string, value: () => unknown, { rules, tagging }: Keeping): ValueEntry | undefined {
    try {
      const saved = value();
      if (saved === undefined || rules === undefined) return undefined;
      const assigned = this.parts.versions.next();
      const kept = this.keeper.freeze(id, saved, rules);
      if (this.keeper.isTooLarge(id, kept, rules)) return undefined;
      return this.keeper.entry(kept, saved, { rules, computeMs: 0, assigned, tagging });
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
