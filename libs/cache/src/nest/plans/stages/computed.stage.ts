import { ComputedResults, type ComputedLimits } from '../../../core/cache/computed-results.js';
import { CacheError } from '../../../core/errors.js';
import type { ComputedPlan } from '../method-plan.js';
import { isThenable } from '../thenable.js';
import { resultKey } from '../result-key.js';
import type { Site, Stage } from '../stage.js';

const DEFAULT_ENTRIES = 1_000;

/** Answers from what the method computed before, in this process only; works for plain results and for promises. */
export function computedStage(computed: ComputedPlan, site: Site): Stage {
  const { parts, next } = site;
  const key = resultKey(site, computed.key);
  const limits = limitsOf(computed, site);
  const owners = new WeakMap<object, Computations>();

  return (self, args) => {
    const id = key.of(args);
    if (id === undefined) return next(self, args);
    const owner = key.shared ? parts.cache : self;
    const computations = owners.get(owner) ?? new Computations(site, limits);
    owners.set(owner, computations);
    return computations.answer(id, () => next(self, args));
  };
}

/** What one owner (an instance, or the application for results with a key of their own) has computed with one method. */
class Computations {
  readonly #results: ComputedResults;
  readonly #running = new Map<string, Promise<unknown>>();
  /** Whether the method returns promises; then a remembered result is one too. */
  #isAsync = false;

  constructor(
    private readonly site: Site,
    limits: ComputedLimits,
  ) {
    this.#results = new ComputedResults(site.parts.cache.parts.clock, limits);
  }

  answer(id: string, compute: () => unknown): unknown {
    const found = this.#results.find(id);
    if (found !== undefined) return this.#isAsync ? Promise.resolve(found.view) : found.view;
    const running = this.#running.get(id);
    if (running !== undefined) return running.then((view) => this.#results.find(id)?.view ?? view);
    const result = compute();
    return isThenable(result) ? this.#later(id, Promise.resolve(result)) : this.#keep(id, result);
  }

  #later(id: string, result: Promise<unknown>): Promise<unknown> {
    this.#isAsync = true;
    const kept = result.then((value) => this.#keep(id, value));
    const done = () => this.#running.delete(id);
    kept.then(done, done);
    this.#running.set(id, kept);
    return kept;
  }

  #keep(id: string, value: unknown): unknown {
    try {
      return this.#results.keep(id, value);
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      const { origin, parts } = this.site;
      parts.cache.parts.events.emit({ type: 'uncached', method: origin, error });
      return value;
    }
  }
}

function limitsOf({ ttl, maxEntries = DEFAULT_ENTRIES }: ComputedPlan, { origin, parts }: Site): ComputedLimits {
  return { ttl: parts.cache.parts.rules.lifetime(ttl, `@Computed on ${origin}`), maxEntries };
}
