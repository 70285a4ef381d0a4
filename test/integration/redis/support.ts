import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Coordination } from '../../../libs/cache/src/drivers/redis/coordination/coordination.js';
import { ConnectionLimit } from '../../../libs/cache/src/drivers/redis/connection-limit.js';
import { connectRedis } from '../../../libs/cache/src/drivers/redis/connect.js';
import type { RedisConnections, RedisState } from '../../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { resolveRedis } from '../../../libs/cache/src/drivers/redis/resolve-redis.js';
import type { ServerClock } from '../../../libs/cache/src/drivers/redis/server-clock.js';
import { openTracking } from '../../../libs/cache/src/drivers/redis/tracking/tracking.js';
import type { Clock } from '../../../libs/cache/src/core/shared/clock.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { watchingHandles } from '../../support/redis/open-handles.js';
import { openCoordination } from '../../support/redis/open-coordination.js';
import { freePort, HOST } from '../../support/redis/ports.js';

export const SERVICE = 'lake';
export const BUS = `coord:${SERVICE}:bus`;

export interface Connected {
  readonly redis: RedisConnections;
  /** What was told, `ready` or the reason of the loss. */
  readonly told: string[];
}

/** What else a boot says. */
interface Terms {
  readonly foreignServices?: readonly string[];
  readonly connections?: number;
}

/** Connects as a boot does; closed at the end of the test. */
export async function connect(redis: RedisOption, terms: Terms = {}): Promise<Connected> {
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error('embedded');
  const told: string[] = [];
  const tell = (state: RedisState) => told.push(state.state === 'ready' ? 'ready' : state.reason);
  const connections = await connectRedis(resolved, {
    service: SERVICE,
    foreignServices: terms.foreignServices ?? [],
    clock: new SystemClock(),
    random: Math.random,
    limit: new ConnectionLimit(terms.connections ?? 100),
    tell,
  });
  onTestFinished(() => connections.close());
  return { redis: connections, told };
}

/** What is told of the keys of these services, and whether it is heard; until the end of the test. */
export async function tracked(
  connections: RedisConnections,
  foreignServices: readonly string[] = [],
): Promise<string[]> {
  const heard: string[] = [];
  const tracking = openTracking({
    connections,
    service: SERVICE,
    foreignServices,
    clock: new SystemClock(),
    random: Math.random,
    listener: {
      touched: (key) => heard.push(key),
      allTouched: () => heard.push('all'),
      hears: () => heard.push('hears'),
      deaf: () => heard.push('deaf'),
    },
  });
  onTestFinished(() => tracking.close());
  await tracking.hears;
  return heard;
}

/** What locks, limits and retries stand on, as a boot opens it; closed at the end of the test. */
export async function coordinate(
  redis: RedisOption,
  datesOf?: (local: Clock) => ServerClock,
  clock: Clock = new SystemClock(),
): Promise<Coordination> {
  const opened = await openCoordination(redis, { service: SERVICE, clock, datesOf });
  onTestFinished(() => opened.close());
  return opened;
}

export interface Failed {
  readonly error: Error & { code?: string };
  readonly ms: number;
  /** What still keeps the process alive. */
  readonly left: () => string[];
}

/** The error with which a boot fails, and what it leaves behind. */
export async function failure(redis: RedisOption, terms: Terms = {}): Promise<Failed> {
  const began = performance.now();
  const { result: error, left } = await watchingHandles(() =>
    connect(redis, terms).then(
      () => new Error('the boot did not fail'),
      (reason: Error) => reason,
    ),
  );
  return { error, ms: performance.now() - began, left };
}

/** Accepts connections and never answers. */
export async function blackHole(): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const port = await freePort();
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => {
    server.listen(port, HOST, resolve);
  });
  return { port, sockets };
}
