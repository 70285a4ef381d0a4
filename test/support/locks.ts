import { EventHub } from '../../libs/cache/src/core/events/event-hub.js';
import type { LockEngine } from '../../libs/cache/src/core/locks/lock-engine.js';
import type { LockScope } from '../../libs/cache/src/core/locks/lock-scope.js';
import { Locks, type LocksParts } from '../../libs/cache/src/core/locks/locks.js';
import { SystemClock } from '../../libs/cache/src/core/shared/system-clock.js';

/** Follows no calls: nobody is known to be under a lock. */
export const FREE_SCOPE: LockScope = { run: (_lock, work) => work(), isUnder: () => false };

/** The locks of one process in this place; what is not said of its parts is unremarkable. */
export function locksOver(engine: LockEngine, parts: Partial<Omit<LocksParts, 'engine'>> = {}): Locks {
  const common = { clock: new SystemClock(), random: Math.random, events: new EventHub(), scope: FREE_SCOPE };
  return new Locks({ ...common, ...parts, engine });
}
