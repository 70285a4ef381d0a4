import { Redis } from 'ioredis';
import type { Lock } from '../../../libs/cache/src/core/locks/lock.js';
import { guardedSet } from '../../../libs/cache/src/drivers/redis/guards/guarded-set.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import { locksOver } from '../../support/locks.js';
import { openCoordination } from '../../support/redis/open-coordination.js';

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
  const locks = locksOver(new RedisLockEngine(await openCoordination(redis)));
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
