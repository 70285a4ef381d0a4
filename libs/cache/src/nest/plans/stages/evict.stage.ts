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
export function evictStage(site: Site): Stage {
  const { origin, parts, next } = site;
  const evictions = site.plan.evictions.map((eviction) => prepared(eviction, site));
  return async (self, args) => {
    const early = evictions
      .filter((eviction) => eviction.early)
      .map((eviction) => ({ ...eviction, keys: eviction.ids(args) }));
    for (const eviction of early) if (eviction.when === 'before') await evict(eviction.mode, eviction.keys, parts);
    const result = await next(self, args);
    for (const { mode, keys } of early) await evict(mode, keys, parts);
    for (const { mode, ids, early: done } of evictions) {
      if (!done) await evictLate(mode, () => ids(args, result), { origin, parts });
    }
    return result;
  };
}

function prepared({ key, options }: EvictionPlan, { origin, parts }: Site): Eviction {
  const { cache, holes } = parts;
  const { keys } = cache.parts;
  const { mode = 'delete', when = 'after' } = options;
  known(mode, ['delete', 'expire'], `mode of @Evict on ${origin}`);
  known(when, ['after', 'before'], `when of @Evict on ${origin}`);
  const template = templateOf(key, keys);
  if (template === undefined) {
    const { id } = bindKey(key, { keys, holes });
    return { mode, when, early: true, ids: (args) => [id(args)] };
  }
  const ids: Eviction['ids'] = (args, result) =>
    holes.during(() => renderKeys(template, args, result)).map((id) => keys.fit(id));
  return { mode, when, early: isKnownBefore({ template }), ids };
}

/** The compiler knows the words; JavaScript does not. */
function known(word: string, words: readonly string[], option: string): void {
  if (words.includes(word)) return;
  throw new CacheConfigError(`${option}: ${JSON.stringify(word)} is neither '${words.join("' nor '")}'.`);
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

async function evictLate(
  mode: 'delete' | 'expire',
  ids: () => string[],
  { origin, parts }: { origin: string; parts: RuntimeParts },
): Promise<void> {
  try {
    await evict(mode, ids(), parts);
  } catch (error) {
    if (!(error instanceof CacheError)) throw error;
    parts.cache.parts.events.emit({ type: 'uncached', method: origin, error });
  }
}
