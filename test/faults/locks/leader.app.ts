import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { Leader } from '../../../libs/cache/src/core/locks/leader.js';
import { Locks } from '../../../libs/cache/src/core/locks/locks.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { connectRedis } from '../../../libs/cache/src/drivers/redis/connect.js';
import { ConnectionLimit } from '../../../libs/cache/src/drivers/redis/connection-limit.js';
import { coordination } from '../../../libs/cache/src/drivers/redis/coordination/coordination.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { resolveRedis } from '../../../libs/cache/src/drivers/redis/resolve-redis.js';
import { ServerClock } from '../../../libs/cache/src/drivers/redis/server-clock.js';

/** Stands for a leadership in a process of its own, and tells the token of each time that it leads. */
export async function start(
  { redis, name, ttl }: { readonly redis: RedisOption; readonly name: string; readonly ttl: number },
  tell: (what: string) => void,
) {
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error('embedded');
  const clock = new SystemClock();
  const common = { service: 'lake', clock, random: Math.random, limit: new ConnectionLimit(100) };
  const { subscriber } = await connectRedis(resolved, { ...common, foreignServices: [] });
  const engine = new RedisLockEngine(coordination(resolved, { ...common, dates: new ServerClock(clock), subscriber }));
  const scope = { run: <R>(_lock: unknown, work: () => R) => work(), isUnder: () => false };
  const locks = new Locks({ engine, clock, random: Math.random, events: new EventHub(), scope });
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
