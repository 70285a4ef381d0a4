import type { Clock } from '../../../libs/cache/src/core/shared/clock.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { connectRedis } from '../../../libs/cache/src/drivers/redis/connect.js';
import { ConnectionLimit } from '../../../libs/cache/src/drivers/redis/connection-limit.js';
import { coordination, type Coordination } from '../../../libs/cache/src/drivers/redis/coordination/coordination.js';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { resolveRedis } from '../../../libs/cache/src/drivers/redis/resolve-redis.js';
import { ServerClock } from '../../../libs/cache/src/drivers/redis/server-clock.js';

export interface CoordinationTerms {
  readonly service?: string;
  readonly clock?: Clock;
  /** What this process knows of the server's time. */
  readonly datesOf?: ((local: Clock) => ServerClock) | undefined;
}

/** What locks, limits and retries stand on, as a boot opens it. `close` closes the connections as well. */
export async function openCoordination(
  redis: RedisOption,
  { service = 'lake', clock = new SystemClock(), datesOf = (local) => new ServerClock(local) }: CoordinationTerms = {},
): Promise<Coordination> {
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error('embedded');
  const common = { service, clock, random: Math.random, limit: new ConnectionLimit(100) };
  const connections = await connectRedis(resolved, { ...common, foreignServices: [] });
  const opened = coordination(resolved, { ...common, dates: datesOf(clock), subscriber: connections.subscriber });
  const close = async (): Promise<void> => {
    await Promise.all([connections.close(), opened.close()]);
  };
  return { ...opened, close };
}
