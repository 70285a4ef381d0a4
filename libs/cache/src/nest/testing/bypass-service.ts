import { LoadRun, type Load } from '../../core/cache/load.js';
import type { Key } from '../../core/keys/key.js';
import { CacheService } from '../services/cache.service.js';

const NEVER = 8_640_000_000_000_000;

/** A cache that is always empty: every read loads, every write only saves. */
export class BypassCacheService extends CacheService {
  async get<V>(): Promise<V | null | undefined> {
    return undefined;
  }

  async set(): Promise<void> {}

  async delete(): Promise<void> {}

  async expire(): Promise<void> {}

  async readThrough<V>(key: Key<V>, load: (load: Load) => Promise<V>): Promise<V> {
    return load(new LoadRun(key, NEVER));
  }

  async writeThrough<V>(_key: Key<V>, value: NoInfer<V>, save: (value: V) => Promise<V | void>): Promise<V> {
    return (await save(value)) ?? value;
  }

  async cacheAside<V>(_key: Key<V>, update: () => Promise<NoInfer<V>>): Promise<V> {
    return update();
  }
}
