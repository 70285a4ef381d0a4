import type { ReadOptions } from '../../../core/cache/policy.js';
import { CacheKeyError, CacheSerializationError } from '../../../core/errors.js';
import type { CacheService } from '../../services/cache.service.js';
import { isOverridden } from '../../services/datapunk-cache.service.js';
import { callRules } from '../call-rules.js';
import { bindKey } from '../key-binder.js';
import { withLevel } from '../levels.js';
import type { ReadPlan } from '../method-plan.js';
import { isNeverCompared } from '../never-compared.js';
import type { Site, Stage } from '../stage.js';

/** Answers from the cache; the method is the loader. */
export function readThroughStage(read: ReadPlan, site: Site): Stage {
  const { origin, parts, next } = site;
  const { cache, service } = parts;
  const { samples } = cache;
  const { keys, rules: book, events } = cache.parts;
  const key = bindKey(read.key, parts);
  const options = withLevel(read.options, site.plan);
  const call = { options, where: `@ReadThrough on ${origin}`, origin };
  const rulesFor = callRules(key, book, { ...call, neverCompared: isNeverCompared(site) });

  return (self, args) => {
    let id: string;
    try {
      id = key.id(args);
    } catch (error) {
      if (!isRefusedValue(error)) return Promise.reject(error as Error);
      events.emit({ type: 'uncached', method: origin, error });
      return next(self, args);
    }
    const rules = rulesFor(id);
    const isOurs = !isOverridden(service, 'readThrough');
    const fresh = isOurs ? cache.fresh(id, rules) : undefined;
    if (fresh !== undefined) {
      if (--samples.left === 0) samples.take(id, { load: () => next(self, args), rules });
      return fresh;
    }
    const load = () => next(self, args);
    return isOurs ? cache.load(id, load, rules) : overridden(service, { key: keys.full(id), load, options });
  };
}

interface OverriddenRead {
  readonly key: string;
  readonly load: () => unknown;
  readonly options: ReadOptions;
}

/** An application's own service, or a spy. What it cannot cache is returned all the same, as from ours. */
async function overridden(service: CacheService, { key, load, options }: OverriddenRead): Promise<unknown> {
  let loaded: { readonly value: unknown } | undefined;
  const remember = async () => {
    const value = await load();
    loaded = { value };
    return value;
  };
  try {
    return await service.readThrough(key, remember, options);
  } catch (error) {
    if (error instanceof CacheSerializationError && loaded !== undefined) return loaded.value;
    throw error;
  }
}

/** A value that no key can hold lets a read run uncached; a missing context value never does. */
function isRefusedValue(error: unknown): error is CacheKeyError {
  return error instanceof CacheKeyError && (error.code === 'KEY_VALUE' || error.code === 'KEY_TOO_LONG');
}
