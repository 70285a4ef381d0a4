import { LoadRun, type Load } from '../../core/cache/load.js';
import type { Key } from '../../core/keys/key.js';
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
  ): Promise<Held<V, T>> {
    return (await load(new LoadRun(key, NEVER))) as Held<V, T>;
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

  staleness(): readonly StalenessFigures[] {
    return [];
  }
}
