import { CacheConfigError } from '../../core/errors.js';
import type { Holes, NameTemplate } from '../../core/keys/grammar.js';
import type { LockOptions } from '../../core/locks/lock-options.js';
import { nameOf } from '../plans/method-plan.js';
import type { MethodCheck } from './check/method-check.js';
import { onMethod } from './on-method.js';

/** Options of Locked. */
export interface LockedOptions<F extends 'wait' | 'skip' = 'wait' | 'skip'> extends Omit<LockOptions, 'signal'> {
  /**
   * `'wait'` (default): the call waits for its turn. `'skip'`: where somebody else has the lock the method does not run
   * and the call gives `undefined`, as is right for a cron job on many replicas.
   */
  ifBusy?: F | undefined;
}

/**
 * Runs the method while nobody else in the fleet holds the name. Inside it `currentLock()` gives the lock with its
 * fencing token. On a read the lock is taken for a load only; on a write it comes before everything else.
 *
 * @param name segments with holes as in keys, taken from the arguments: `'city:{0.id}'`.
 * @example
 * class Cities { @Locked('city:{0.id}') update(city: City): Promise<void> { … } }
 * class Jobs { @Cron('0 3 * * *') @Locked('nightly', { ifBusy: 'skip', atLeast: '30s' }) nightly(): Promise<void> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method, or twice on one. A wrong name or option fails the
 * boot; without `DatapunkCacheModule` the first call fails. A call fails as `LockService.run` does.
 */
export function Locked<const T extends string, const F extends 'wait' | 'skip' = 'wait'>(
  name: NameTemplate<T>,
  options: LockedOptions<F> = {},
): MethodCheck<Holes<T>, { skip: F extends 'skip' ? true : false }> {
  return onMethod('Locked', (plan) => {
    if (plan.locked !== undefined) {
      throw new CacheConfigError(`${nameOf(plan)}: two @Locked on one method. Keep one, or take the other inside it.`);
    }
    plan.locked = { name, options };
  });
}
