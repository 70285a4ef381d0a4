import { termsOf } from '../../../core/locks/lock-options.js';
import { lockName } from '../lock-name.js';
import type { LockedPlan } from '../method-plan.js';
import type { Site, Stage } from '../stage.js';

/** Goes on under a lock. @throws {CacheConfigError} for wrong options. */
export function lockedStage({ name, options }: LockedPlan, { origin, parts, next }: Site): Stage {
  const { locks, holes } = parts;
  const { ifBusy = 'wait', ...rest } = options;
  termsOf(rest);
  const nameOf = lockName(name, holes, origin);
  if (ifBusy === 'wait') return async (self, args) => locks.run(nameOf(args), async () => next(self, args), rest);
  const { wait: _wait, ...once } = rest;
  return async (self, args) => {
    const outcome = await locks.tryRun(nameOf(args), async () => next(self, args), once);
    return outcome.ran ? outcome.value : undefined;
  };
}
