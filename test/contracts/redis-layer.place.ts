import { onTestFinished } from 'vitest';
import { Codecs } from '../../libs/cache/src/core/entry/codec.js';
import type { Layer } from '../../libs/cache/src/core/layers/layer.js';
import { SystemClock } from '../../libs/cache/src/core/shared/system-clock.js';
import { MessagePackCodec } from '../../libs/cache/src/drivers/codec/message-pack.js';
import { TaggedJsonCodec } from '../../libs/cache/src/drivers/codec/tagged-json.js';
import { ConnectionLimit } from '../../libs/cache/src/drivers/redis/connection-limit.js';
import { connectRedis } from '../../libs/cache/src/drivers/redis/connect.js';
import type { Announcement } from '../../libs/cache/src/drivers/redis/bus/announcements.js';
import { noticeHead } from '../../libs/cache/src/drivers/redis/bus/notice.js';
import { redisEntries, type RedisEntries } from '../../libs/cache/src/drivers/redis/layer/redis-layer.js';
import type { RedisConnections } from '../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { resolveRedis } from '../../libs/cache/src/drivers/redis/resolve-redis.js';
import { ServerClock } from '../../libs/cache/src/drivers/redis/server-clock.js';

export const CHANNEL = 'coord:contract:bus';
/** A message that nobody counts. */
export const said = (head: string): Announcement => ({ head, sent: () => undefined, unsure: () => undefined });
export const codecs = new Codecs([new MessagePackCodec(), new TaggedJsonCodec()]);
export const clock = new SystemClock();

export async function connectTo(redis: RedisOption): Promise<RedisConnections> {
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error('no address');
  return connectRedis(resolved, {
    service: 'contract',
    foreignServices: [],
    clock,
    random: Math.random,
    limit: new ConnectionLimit(100),
  });
}

/** Entries whose full keys begin so, on the clock of this process; every change is told on `CHANNEL`. */
export function entriesUnder(prefix: string, connections: RedisConnections): RedisEntries {
  return redisEntries(connections, {
    clock,
    local: clock,
    codecs,
    fullKey: (id) => prefix + id,
    channel: () => CHANNEL,
    announce: ({ kind }) => said(noticeHead('contract', 1, kind)),
    seen: () => undefined,
    changed: () => undefined,
    highest: () => 0,
    learn: () => undefined,
  });
}

/** A layer over connections of its own, closed at the end of the test. The full key is the id. */
export async function layerOn(redis: RedisOption): Promise<{ layer: Layer; connections: RedisConnections }> {
  const connections = await connectTo(redis);
  onTestFinished(() => connections.close());
  const dates = new ServerClock(clock);
  const { layer } = redisEntries(connections, {
    clock: dates,
    local: clock,
    codecs,
    fullKey: (id) => id,
    channel: () => CHANNEL,
    announce: () => said(''),
    seen: () => undefined,
    changed: () => undefined,
    highest: () => 0,
    learn: (...sample) => dates.learn(...sample),
  });
  return { layer, connections };
}
