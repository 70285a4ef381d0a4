import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { termsOf } from '../../../libs/cache/src/core/locks/lock-options.js';
import { Permits } from '../../../libs/cache/src/core/locks/permits.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { RedisPermits } from '../../../libs/cache/src/drivers/redis/permits/redis-permits.js';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { openCoordination } from '../../support/redis/open-coordination.js';

interface Share {
  readonly name: string;
  readonly weight: number;
  readonly capacity: number;
}

/** Takes permits in a process of its own. */
export async function start({ redis, ttl }: { readonly redis: RedisOption; readonly ttl: number }) {
  const clock = new SystemClock();
  const engine = new RedisPermits(await openCoordination(redis, { clock }));
  const permits = new Permits({ engine, clock, events: new EventHub() });
  return {
    /** How many of so many at once were granted within the wait. */
    take: async (share: Share, count: number, wait: number) => {
      const asked = Array.from({ length: count }, () => permits.acquire(share, termsOf({ ttl, wait })));
      return (await Promise.all(asked)).filter((lock) => lock !== undefined).length;
    },
    /** Waits, and does not say for what. */
    queue: (share: Share, count: number) => {
      for (let at = 0; at < count; at += 1) {
        permits.acquire(share, termsOf({ ttl, wait: 60_000 })).catch(() => undefined);
      }
    },
  };
}
