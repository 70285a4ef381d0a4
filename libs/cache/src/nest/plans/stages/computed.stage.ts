import { ComputedResults, type ComputedLimits } from '../../../core/cache/computed-results.js';
import { CacheError, CacheKeyError } from '../../../core/errors.js';
import { nameOf, type MethodPlan } from '../method-plan.js';
import { resultKey } from '../result-key.js';
import type { RuntimeParts, Stage } from '../stage.js';

const DEFAULT_ENTRIES = 1_000;

/** What one owner (an instance, or the application for keyed results) has computed with one method. */
interface Computations {
  readonly results: ComputedResults;
  readonly running: Map<string, Promise<unknown>>;
}

/** Answers from what the method computed before, in this process only; works for plain results and for promises. */
export function computedStage(plan: MethodPlan, parts: RuntimeParts, next: Stage): Stage {
  const { clock, events } = parts.cache.parts;
  const key = resultKey(plan, plan.computed?.key, parts);
  const limits = limitsOf(plan, parts);
  const origin = nameOf(plan);
  const owned = new WeakMap<object, Computations>();
  let isAsync = false;

  const refused = (error: unknown): void => {
    if (!(error instanceof CacheError)) throw error;
    events.emit({ type: 'uncached', method: origin, error });
  };
  const keep = (computations: Computations, id: string, value: unknown): unknown => {
    try {
      return computations.results.keep(id, value);
    } catch (error) {
      refused(error);
      return value;
    }
  };
  const keepLater = (computations: Computations, id: string, result: Promise<unknown>): Promise<unknown> => {
    isAsync = true;
    const kept = result.then((value) => keep(computations, id, value));
    const done = () => computations.running.delete(id);
    kept.then(done, done);
    computations.running.set(id, kept);
    return kept;
  };

  return (self, args) => {
    let id: string;
    try {
      id = key.of(args);
    } catch (error) {
      if (!(error instanceof CacheKeyError) || error.code === 'KEY_CONTEXT') throw error;
      refused(error);
      return next(self, args);
    }
    const computations = computationsOf(
      owned,
      key.shared ? parts.cache : self,
      () => new ComputedResults(clock, limits),
    );
    const found = computations.results.find(id);
    if (found !== undefined) return isAsync ? Promise.resolve(found.view) : found.view;
    const running = computations.running.get(id);
    if (running !== undefined) return running;
    const result = next(self, args);
    return result instanceof Promise ? keepLater(computations, id, result) : keep(computations, id, result);
  };
}

function computationsOf(
  owned: WeakMap<object, Computations>,
  owner: object,
  make: () => ComputedResults,
): Computations {
  const known = owned.get(owner);
  if (known !== undefined) return known;
  const computations = { results: make(), running: new Map<string, Promise<unknown>>() };
  owned.set(owner, computations);
  return computations;
}

function limitsOf(plan: MethodPlan, { cache }: RuntimeParts): ComputedLimits {
  const { ttl, maxEntries = DEFAULT_ENTRIES } = plan.computed ?? {};
  return { ttl: cache.parts.rules.lifetime(ttl, `@Computed on ${nameOf(plan)}`), maxEntries };
}
