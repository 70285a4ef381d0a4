import { Inject, Injectable } from '@nestjs/common';
import { Cache } from '../../core/cache/cache.js';
import { CacheConfigError, CacheError } from '../../core/errors.js';
import { holdingOf } from '../../core/keys/define-key.js';
import { ContextHoles } from '../context/context-holes.js';
import { Features } from '../module/features.js';
import { nameOf, type MethodPlan } from '../plans/method-plan.js';
import type { CacheRuntime } from '../plans/runtime.js';
import { CACHE_RUNTIME } from '../tokens.js';
import { checkHoles } from './check-holes.js';
import { checkLevels } from './check-levels.js';
import { checkOnePattern } from './check-one-pattern.js';
import { checkOptions } from './check-options.js';
import { checkShapes } from './check-shapes.js';
import { keysOf, type PlannedKey } from './planned-key.js';

/** Refuses at boot what would fail, or silently go wrong, on the first call. */
@Injectable()
export class BootCheck {
  constructor(
    @Inject(Cache) private readonly cache: Cache,
    @Inject(ContextHoles) private readonly holes: ContextHoles,
    @Inject(Features) private readonly features: Features,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
  ) {}

  /** @throws {CacheConfigError} */
  run(plans: readonly MethodPlan[]): void {
    checkOnePattern(plans);
    const keys = plans.flatMap((plan) => this.#refusing(plan, () => this.#keysOf(plan)));
    for (const key of keys) checkHoles(key, { known: this.holes.names, features: this.features });
    checkShapes(keys.filter(({ use }) => use !== 'result'));
    checkLevels(plans, keys, this.cache.parts.rules);
    for (const plan of plans) this.#refusing(plan, () => this.runtime.prepare(plan));
  }

  #keysOf(plan: MethodPlan): PlannedKey[] {
    const { keys, rules } = this.cache.parts;
    checkOptions(plan);
    const planned = keysOf(plan, keys);
    for (const { template, definition, use } of planned)
      if (use !== 'result') rules.learn(template, holdingOf(definition));
    return planned;
  }

  /** Says of which method an error is. */
  #refusing<T>(plan: MethodPlan, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      const name = nameOf(plan);
      const message = error.message.includes(name) ? error.message : `${name}: ${error.message}`;
      throw new CacheConfigError(message, { cause: error });
    }
  }
}
