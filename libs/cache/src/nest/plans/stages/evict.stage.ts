import { CacheConfigError, CacheConsistencyError, CacheError } from '../../../core/errors.js';
import { renderKeys } from '../../../core/keys/fan-out.js';
import type { Key } from '../../../core/keys/key.js';
import { isOverridden } from '../../services/datapunk-cache.service.js';
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
 * Evicts around the method. Keys that are known before it are deleted as a write is made: from its begin to its end nothing
 * is kept of them, and they are gone then, however it went.
 */
export function evictStage(site: Site): Stage {
  const { cache, service } = site.parts;
  const evictions = site.plan.evictions.map((eviction) => prepared(eviction, site.parts));
  const around = evictions.filter(({ mode, early }) => mode === 'delete' && early);
  const after = evictions.filter((eviction) => !around.includes(eviction));
  const inner = after.length === 0 ? site.next : besides(after, site);
  const asked = besides(evictions, site);
  if (around.length === 0) return asked;
  return async (self, args) => {
    // An application's own service is asked.
    if (isOverridden(service, 'delete')) return asked(self, args);
    const ids = new Set(around.flatMap((eviction) => eviction.ids(args)));
    return cache.evict([...ids], async () => inner(self, args), site.plan.level);
  };
}

/**
 * Evicts after the method succeeded, or before it as well. Keys that need no result are built first, so that a wrong
 * one fails the call before anything changed; one that comes from the result cannot fail a change that is done.
 */
function besides(evictions: readonly Eviction[], { origin, parts, next }: Site): Stage {
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

/** The source has changed: what the cache cannot do any more is told, not thrown; unless somebody relies on it. */
async function told({ origin, parts }: Pick<Site, 'origin' | 'parts'>, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CacheError) || error instanceof CacheConsistencyError) throw error;
    parts.cache.parts.events.emit({ type: 'uncached', method: origin, error });
  }
}
