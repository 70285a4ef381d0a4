import type { Rulebook } from '../../core/cache/rulebook.js';
import { CacheConfigError } from '../../core/errors.js';
import { isKnownBefore } from '../plans/key-binder.js';
import { isCached, nameOf, type MethodPlan } from '../plans/method-plan.js';
import type { PlannedKey } from './planned-key.js';

/**
 * What level `strict` promises holds only if all who change a key keep it, and if nothing is kept that is not asked for.
 * @throws {CacheConfigError}
 */
export function checkLevels(plans: readonly MethodPlan[], keys: readonly PlannedKey[], rules: Rulebook): void {
  for (const plan of plans) if (plan.level !== undefined && !isCached(plan)) throw uncached(plan);
  const shared = keys.filter(({ use }) => use !== 'result');
  const strict = shared.filter((key) => levelOf(key, rules) === 'strict');
  for (const key of strict) {
    checkOne(key);
    rules.demandStrict(key.template);
    for (const other of shared) checkWriter(key, other, rules);
  }
}

function levelOf({ template, options, plan }: PlannedKey, rules: Rulebook) {
  return rules.forCall(template.entity, {}, { options, where: nameOf(plan) }).level;
}

function checkOne({ plan, template, use, mode }: PlannedKey): void {
  const where = `${nameOf(plan)}: '${template.source}' is strict, but`;
  if (plan.requestCached !== undefined) {
    throw new CacheConfigError(
      `${where} @RequestCached would keep what it gave for the rest of the request. Drop one of them.`,
    );
  }
  if (!isKnownBefore({ template })) {
    throw new CacheConfigError(
      `${where} its key is known only after the save, and others have to be told before. Take the key from the arguments.`,
    );
  }
  if (use === 'evict' && mode === 'expire') {
    throw new CacheConfigError(`${where} mode 'expire' tells others only after the change. Use mode 'delete'.`);
  }
}

function checkWriter(strict: PlannedKey, other: PlannedKey, rules: Rulebook): void {
  if (other.use === 'read' || other.template.shape !== strict.template.shape) return;
  const level = levelOf(other, rules);
  if (level === 'strict') return;
  throw new CacheConfigError(
    `${nameOf(other.plan)} changes '${other.template.source}' under level '${level}', but ${nameOf(strict.plan)} promises 'strict' for it, which only holds if every writer is strict. Put @Consistent('strict') on ${nameOf(other.plan)}.`,
  );
}

function uncached(plan: MethodPlan): CacheConfigError {
  return new CacheConfigError(
    `${nameOf(plan)}: @Consistent on a method that neither reads, writes nor evicts through the cache. Add @ReadThrough, @WriteThrough, @CacheAside or @Evict, or drop it.`,
  );
}
