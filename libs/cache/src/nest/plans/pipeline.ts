import { CacheConfigError } from '../../core/errors.js';
import { nameOf, type MethodPlan, type PatternPlan } from './method-plan.js';
import type { RuntimeParts, Site, Stage } from './stage.js';
import { computedStage } from './stages/computed.stage.js';
import { evictStage } from './stages/evict.stage.js';
import { readThroughStage } from './stages/read-through.stage.js';
import { requestCachedStage } from './stages/request-cached.stage.js';
import { writeStage } from './stages/write.stage.js';

/**
 * Puts the stages of a plan in their fixed order, whatever the order the decorators were written in:
 * request cache → computed or pattern → method → evictions.
 */
export function buildPipeline(plan: MethodPlan, parts: RuntimeParts): Stage {
  const { original } = plan;
  const origin = nameOf(plan);
  const at = (next: Stage): Site => ({ plan, origin, parts, next });
  const pattern = onlyPattern(plan);

  let stage: Stage = (self, args) => original.apply(self, args);
  if (plan.evictions.length > 0) stage = evictStage(at(stage));
  if (pattern?.kind === 'readThrough') stage = readThroughStage(pattern, at(stage));
  else if (pattern !== undefined) stage = writeStage(pattern, at(stage));
  if (plan.computed !== undefined) stage = computedStage(plan.computed, at(stage));
  if (plan.requestCached !== undefined) stage = requestCachedStage(at(stage));
  return stage;
}

/** @throws {CacheConfigError} for two: each would keep the other's value. */
export function onlyPattern(plan: MethodPlan): PatternPlan | undefined {
  const [first, second] = plan.patterns;
  if (second !== undefined || (first !== undefined && plan.computed !== undefined)) {
    const names = [...plan.patterns.map(({ kind }) => kind), ...(plan.computed === undefined ? [] : ['computed'])];
    throw new CacheConfigError(
      `${nameOf(plan)}: ${names.join(' and ')} on one method. One pattern a method: keep one of them, or split the method.`,
    );
  }
  return first;
}
