import type { Load } from '../../../core/cache/load.js';
import type { Loader } from '../../../core/cache/loading.js';
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
import { tagNames, type TagNames } from '../tag-names.js';

/** Answers from the cache; the method is the loader. */
export function readThroughStage(read: ReadPlan, site: Site): Stage {
  const { origin, parts, next } = site;
  const { cache, service } = parts;
  const { samples } = cache;
  const { keys, rules: book, events } = cache.parts;
  const key = bindKey(read.key, parts);
  const options = withLevel(read.options, site.plan);
  const tags = tagNames(read.options.tags, parts.holes, origin);
  const call = { options: { ...options, tags: tags && noneYet }, where: `@ReadThrough on ${origin}`, origin };
  // An application's own service is given what the loader names.
  const { tags: _templates, by: _by, batch: _batch, ...unnamed } = options;
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
      if (rules.early !== undefined)
        cache.early.read(
          id,
          tagged(tags, args, () => next(self, args)),
          rules,
        );
      if (--samples.left === 0) samples.take(id, { load: () => next(self, args), rules });
      return fresh;
    }
    const load = tagged(tags, args, () => next(self, args));
    return isOurs ? cache.load(id, load, rules) : overridden(service, { key: keys.full(id), load, options: unnamed });
  };
}

/** The rules say that values have tags, so that those who join a load look at them; which, the load itself says. */
export const noneYet = (): readonly string[] => [];

function tagged(tags: TagNames | undefined, args: readonly unknown[], next: () => unknown): Loader {
  if (tags === undefined) return next;
  return async (load) => {
    // What cannot be built from the arguments fails the call before the method runs.
    const early = tags.isEarly ? tags.of(args) : undefined;
    const result = await next();
    load.tags(...(early ?? tags.of(args, result)));
    return result;
  };
}

interface OverriddenRead {
  readonly key: string;
  readonly load: Loader;
  readonly options: Omit<ReadOptions, 'tags' | 'by' | 'batch'>;
}

/** An application's own service, or a spy. What it cannot cache is returned all the same, as from ours. */
async function overridden(service: CacheService, { key, load, options }: OverriddenRead): Promise<unknown> {
  let loaded: { readonly value: unknown } | undefined;
  const remember = async (of: Load) => {
    const value = await load(of);
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
export function isRefusedValue(error: unknown): error is CacheKeyError {
  return error instanceof CacheKeyError && (error.code === 'KEY_VALUE' || error.code === 'KEY_TOO_LONG');
}
