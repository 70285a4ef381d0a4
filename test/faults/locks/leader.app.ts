import { Leader } from '../../../libs/cache/src/core/locks/leader.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { locksOver } from '../../support/locks.js';
import { openCoordination } from '../../support/redis/open-coordination.js';

/** Stands for a leadership in a process of its own, and tells the token of each time that it leads. */
export async function start(
  { redis, name, ttl }: { readonly redis: RedisOption; readonly name: string; readonly ttl: number },
  tell: (what: string) => void,
) {
  const clock = new SystemClock();
  const locks = locksOver(new RedisLockEngine(await openCoordination(redis, { clock })), { clock });
  const work = ({ token, signal }: { token: bigint; signal: AbortSignal }) => {
    tell(`leads ${token}`);
    return new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        tell('ends');
        resolve();
      });
    });
  };
  const leader = new Leader(
    name,
    { work, options: { ttl } },
    { locks, clock, failed: (_of, error) => tell(String(error)) },
  );
  return { isLeading: () => leader.isLeading, stop: () => leader.stop() };
}
