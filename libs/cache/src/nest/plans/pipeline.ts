import { CacheConfigError } from '../../core/errors.js';
import { isOfMany } from './list-key.js';
import { nameOf, type MethodPlan, type PatternPlan, type ReadPlan } from './method-plan.js';
import type { RuntimeParts, Site, Stage } from './stage.js';
import { computedStage } from './stages/computed.stage.js';
import { evictStage } from './stages/evict.stage.js';
import { invalidateTagsStage } from './stages/invalidate-tags.stage.js';
import { limitStage } from './stages/limit.stage.js';
import { lockedStage } from './stages/locked.stage.js';
import { readBatchedStage } from './stages/read-batched.stage.js';
import { readManyStage } from './stages/read-many.stage.js';
import { readThroughStage } from './stages/read-through.stage.js';
import { requestCachedStage } from './stages/request-cached.stage.js';
import { retryStage } from './stages/retry.stage.js';
import { writeStage } from './stages/write.stage.js';

/**
 * Puts the stages of a plan in their fixed order, whatever the order the decorators were written in:
 * limit → request cache → computed or read pattern → lock → retry → method, or
 * limit → lock → write pattern → retry → method → evictions and tags.
 */
export function buildPipeline(plan: MethodPlan, parts: RuntimeParts): Stage {
  const { original } = plan;
  const origin = nameOf(plan);
  const at = (next: Stage): Site => ({ plan, origin, parts, next });
  const pattern = onlyPattern(plan);

  const method: Stage = (self, args) => original.apply(self, args);
  let stage = method;
  if (plan.retry !== undefined) stage = retryStage(plan.retry, at(stage));
  if (plan.evictions.length > 0) stage = evictStage(at(stage));
  if (plan.tags.length > 0) stage = invalidateTagsStage(at(stage));
  const isRead = pattern?.kind === 'readThrough' || (plan.computed ?? plan.requestCached) !== undefined;
  if (plan.locked !== undefined && isRead) stage = lockedStage(plan.locked, at(stage));
  if (plan.limits.length > 0) stage = limitStage(at(stage), 'load');
  if (pattern?.kind === 'readThrough') stage = readStage(pattern, at(stage), method);
  else if (pattern !== undefined) stage = writeStage(pattern, at(stage));
  if (plan.locked !== undefined && !isRead) stage = lockedStage(plan.locked, at(stage));
  if (plan.computed !== undefined) stage = computedStage(plan.computed, at(stage));
  if (plan.requestCached !== undefined) stage = requestCachedStage(at(stage));
  if (plan.limits.length > 0) stage = limitStage(at(stage), 'call');
  return stage;
}

function readStage(read: ReadPlan, site: Site, method: Stage): Stage {
  if (isOfMany(read, site.parts.cache)) return readManyStage(read, site);
  const alone = readThroughStage(read, site);
  if (read.options.batch === undefined) return alone;
  if (site.next === method) return readBatchedStage(read, site, alone);
  throw new CacheConfigError(
    `${site.origin}: what stands on it beside the read would hold for a load of one and not for a batch. Put @Retried, @Locked, limits of loads and evictions on the method that batch calls.`,
  );
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
