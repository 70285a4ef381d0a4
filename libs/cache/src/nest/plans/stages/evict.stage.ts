import { CacheConfigError, CacheError } from '../../../core/errors.js';
import { renderKeys } from '../../../core/keys/fan-out.js';
import type { Key } from '../../../core/keys/key.js';
import { bindKey, isKnownBefore, templateOf } from '../key-binder.js';
import type { EvictionPlan } from '../method-plan.js';
import type { RuntimeParts, Site, Stage } from '../stage.js';

interface Eviction {
  readonly mode: 'delete' | 'expire';
  readonly when: 'after' | 'before';
  readonly early: boolean;
  readonly ids: (args: readonly unknown[], result?: unknown) => string[];
}

/**
 * Evicts after the method succeeded, or before it as well. Keys that need no result are built first, so that a wrong
 * one fails the call before anything changed; one that comes from the result cannot fail a change that is done.
 */
export function evictStage({ plan, origin, parts, next }: Site): Stage {
  const evictions = plan.evictions.map((eviction) => prepared(eviction, parts));
  return async (self, args) => {
    const due = evictions.map(({ mode, when, early, ids }) => {
      const keys = early ? ids(args) : undefined;
      return { mode, when, keys: (result: unknown) => keys ?? ids(args, result) };
    });
    for (const { mode, when, keys } of due) if (when === 'before') await evict(mode, keys(undefined), parts);
    const finish = async (some: typeof due, result: unknown) => {
      for (const { mode, keys } of some) await told({ origin, parts }, () => evict(mode, keys(result), parts));
    };
    try {
      const result = await next(self, args);
      await finish(due, result);
      return result;
    } catch (error) {
      // A read may have come in between, and nobody knows what the method has changed.
      await finish(
        due.filter(({ when }) => when === 'before'),
        undefined,
      );
      throw error;
    }
  };
}

function prepared({ key, options }: EvictionPlan, { cache, holes }: RuntimeParts): Eviction {
  const { keys } = cache.parts;
  const { mode = 'delete', when = 'after' } = options;
  const template = templateOf(key, keys);
  if (template === undefined) {
    const { id } = bindKey(key, { cache, holes });
    return { mode, when, early: true, ids: (args) => [id(args)] };
  }
  const ids: Eviction['ids'] = (args, result) =>
    holes.during(() => renderKeys(template, args, result)).map((id) => keys.fit(id));
  const early = isKnownBefore({ template });
  if (early || when === 'after') return { mode, when, early, ids };
  throw new CacheConfigError(`'${template.source}' needs the result, which is not there yet with { when: 'before' }.`);
}

/** Through the service, so that an application's own one is asked. */
async function evict(
  mode: 'delete' | 'expire',
  ids: readonly string[],
  { cache, service }: RuntimeParts,
): Promise<void> {
  const keys: Key[] = ids.map((id) => cache.parts.keys.full(id));
  if (keys.length > 0) await service[mode](...keys);
}

/** The source has changed: what the cache cannot do any more is told, not thrown. */
async function told({ origin, parts }: Pick<Site, 'origin' | 'parts'>, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    parts.cache.parts.events.emit({ type: 'uncached', method: origin, error });
  }
}
