import { BulkAnswers } from '../../core/cache/bulk-answers.js';
import { BulkRun, type BulkLoad } from '../../core/cache/bulk-load.js';
import { checkSignal } from '../../core/cache/leave.js';
import { LoadRun, type Load } from '../../core/cache/load.js';
import type { RecoveryFigures } from '../../core/cache/recovery.js';
import type { CallReadOptions } from '../../core/cache/policy.js';
import type { Key } from '../../core/keys/key.js';
import { untilAborted } from '../../core/shared/until-aborted.js';
import type { CacheStatistics } from '../../core/statistics/cache-statistics.js';
import { Counts } from '../../core/statistics/counts.js';
import { statisticsOf } from '../../core/statistics/statistics-of.js';
import type { StalenessFigures } from '../../core/staleness/staleness-figures.js';
import { CacheService, type Held } from '../services/cache.service.js';

const NEVER = 8_640_000_000_000_000;

/** A cache that is always empty: every read loads, every write only saves. */
export class BypassCacheService extends CacheService {
  async get<V>(): Promise<V | null | undefined> {
    return undefined;
  }

  async set(): Promise<void> {}

  async delete(): Promise<void> {}

  async expire(): Promise<void> {}

  async readThrough<V, T extends V | null | undefined>(
    key: Key<V>,
    load: (load: Load) => Promise<T>,
    { signal }: CallReadOptions = {},
  ): Promise<Held<V, T>> {
    checkSignal(signal);
    const run = new LoadRun(key, NEVER);
    const loading = load(run) as Promise<Held<V, T>>;
    return signal === undefined ? loading : untilAborted(loading, signal, () => run.abort(signal.reason));
  }

  async getMany<V>(keys: readonly Key<V>[]): Promise<(V | null | undefined)[]> {
    return keys.map(() => undefined);
  }

  async setMany(): Promise<void> {}

  async deleteMany(): Promise<void> {}

  async readThroughMany<I, V, T extends V | null | undefined>(
    ids: readonly I[],
    keyOf: (id: I) => Key<V>,
    load: (missing: readonly I[], load: BulkLoad) => Promise<ReadonlyMap<I, T>>,
    { signal }: CallReadOptions = {},
  ): Promise<Map<I, Held<V, T> | null>> {
    checkSignal(signal);
    const first = new Map(ids.map((id): [Key, I] => [keyOf(id), id]));
    const run = new BulkRun([...first.keys()].map((key) => new LoadRun(key, NEVER)));
    const loading = first.size === 0 ? Promise.resolve(new Map<I, T>()) : load([...first.values()], run);
    const given = await (signal ? untilAborted(loading, signal, () => run.abort(signal.reason)) : loading);
    const answers = new BulkAnswers(given, keyOf);
    return new Map(ids.map((id) => [id, answers.of(id, keyOf(id)) as Held<V, T> | null]));
  }

  batched<I, V, T extends V | null | undefined>(
    keyOf: (id: I) => Key<V>,
    load: (missing: readonly I[], load: BulkLoad) => Promise<ReadonlyMap<I, T>>,
  ): (id: I) => Promise<Held<V, T> | null> {
    return async (id) => (await this.readThroughMany([id], keyOf, load)).get(id) ?? null;
  }

  async writeThrough<V, T extends V>(
    _key: Key<V>,
    value: T,
    save: (value: T) => Promise<Held<NoInfer<V>, NoInfer<T>> | void>,
  ): Promise<Held<V, T>> {
    const saved = await save(value);
    return (saved === undefined ? value : saved) as Held<V, T>;
  }

  async cacheAside<V, T extends V | null>(_key: Key<V>, update: () => Promise<T>): Promise<Held<V, T>> {
    return (await update()) as Held<V, T>;
  }

  async invalidateTags(): Promise<void> {}

  async clear(): Promise<void> {}

  staleness(): readonly StalenessFigures[] {
    return [];
  }

  stats(): CacheStatistics {
    return statisticsOf(new Counts(() => undefined));
  }

  recovery(): RecoveryFigures {
    return { owed: 0, recovered: 0, lost: 0 };
  }
}
