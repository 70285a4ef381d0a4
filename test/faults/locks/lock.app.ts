import { Redis } from 'ioredis';
import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import type { Lock } from '../../../libs/cache/src/core/locks/lock.js';
import { Locks } from '../../../libs/cache/src/core/locks/locks.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { connectRedis } from '../../../libs/cache/src/drivers/redis/connect.js';
import { ConnectionLimit } from '../../../libs/cache/src/drivers/redis/connection-limit.js';
import { coordination } from '../../../libs/cache/src/drivers/redis/coordination/coordination.js';
import { guardedSet } from '../../../libs/cache/src/drivers/redis/guards/guarded-set.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import { resolveRedis } from '../../../libs/cache/src/drivers/redis/resolve-redis.js';
import { ServerClock } from '../../../libs/cache/src/drivers/redis/server-clock.js';

interface Options {
  /** `host:port` */
  readonly redis: string;
  readonly ttl: number;
}

/** Blocks the event loop: nothing of this process runs meanwhile. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

/** Locks in a process of its own, and a table beside them that checks tokens. */
export async function start({ redis, ttl }: Options, tell: (what: string) => void) {
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error('embedded');
  const clock = new SystemClock();
  const common = { service: 'lake', clock, random: Math.random, limit: new ConnectionLimit(100) };
  const { subscriber } = await connectRedis(resolved, common);
  const locks = new Locks({
    engine: new RedisLockEngine(coordination(resolved, { ...common, dates: new ServerClock(clock), subscriber })),
    clock,
    random: Math.random,
    events: new EventHub(),
    scope: { run: (_lock, work) => work(), isUnder: () => false },
  });
  const table = new Redis(redis);
  const held = new Map<string, Lock>();
  const take = async (name: string, wait: number): Promise<string> => {
    const lock = await locks.acquire(name, { ttl, wait });
    held.set(name, lock);
    return String(lock.token);
  };
  const write = (name: string, who: string): Promise<boolean> =>
    guardedSet(table, { key: `table:${name}`, value: who, token: held.get(name)?.token ?? 0n });
  const claim = (name: string): string => {
    try {
      held.get(name)?.assertHeld();
      return 'held';
    } catch (error) {
      return (error as Error).name;
    }
  };
  return {
    take,
    write,
    /** The same in a table that does not check tokens. */
    overwrite: (name: string, who: string) => table.hset(`table:${name}`, 'value', who),
    release: (name: string) => held.get(name)?.release(),
    /** Between two lines of a work the whole process stands still; what the second line sees. */
    blocked: (name: string, ms: number) => {
      block(ms);
      return claim(name);
    },
    /** The same without a break of its own: whoever starts it freezes the process meanwhile. */
    frozen: (name: string, ms: number) => {
      let last = performance.now();
      // It is frozen somewhere in here, which shows as a jump.
      for (let now = last; now - last < ms; now = performance.now()) last = now;
      return claim(name);
    },
    /** Stands in line so many times, and says when it is let in. */
    queue: (name: string, count: number) => {
      for (let at = 0; at < count; at += 1) {
        locks.acquire(name, { ttl, wait: 60_000 }).then(
          () => tell(`got ${name}`),
          () => undefined,
        );
      }
    },
  };
}
