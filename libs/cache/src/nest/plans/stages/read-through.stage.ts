import type { Load } from '../../../core/cache/load.js';
import { CacheKeyError } from '../../../core/errors.js';
import { isOverridden } from '../../services/datapunk-cache.service.js';
import { runInLoad } from '../current-load.js';
import { callRules } from '../call-rules.js';
import { bindKey } from '../key-binder.js';
import type { ReadPlan } from '../method-plan.js';
import type { Site, Stage } from '../stage.js';

/** Answers from the cache; the method is the loader. */
export function readThroughStage(read: ReadPlan, { origin, parts, next }: Site): Stage {
  const { cache, service } = parts;
  const { keys, rules: book, events } = cache.parts;
  const key = bindKey(read.key, parts);
  const rulesFor = callRules(key, book, { options: read.options, where: `@ReadThrough on ${origin}`, origin });

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
    if (fresh !== undefined) return fresh;
    const load = (run: Load) => runInLoad(run, () => next(self, args));
    return isOurs
      ? cache.load(id, load, rules)
      : service.readThrough(keys.full(id), async (run) => load(run), read.options);
  };
}

/** A value that no key can hold lets a read run uncached; a missing context value never does. */
function isRefusedValue(error: unknown): error is CacheKeyError {
  return error instanceof CacheKeyError && (error.code === 'KEY_VALUE' || error.code === 'KEY_TOO_LONG');
}
