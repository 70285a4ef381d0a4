import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { noticeHead, parseNotice } from '../../libs/cache/src/drivers/redis/bus/notice.js';
import { Courier } from '../../libs/cache/src/drivers/redis/calls/courier.js';
import type { RedisConnections } from '../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { RedisTagStore } from '../../libs/cache/src/drivers/redis/tags/redis-tag-store.js';
import { parseTagNotice } from '../../libs/cache/src/core/tags/tag-notice.js';
import { eventually, pause } from '../support/redis/wait.js';
import { CHANNEL, clock, connectTo, said } from './redis-layer.place.js';
import { tagStoreContract } from './tag-store.contract.js';

const PLACES: readonly (readonly [string, () => RedisOption])[] = [
  ['Redis standalone', () => inject('redis').standalone],
  ['Redis under en_US.UTF-8', () => inject('redis').locale],
  ['Redis Cluster', () => ({ nodes: inject('redis').cluster })],
];

describe.each(PLACES)('%s', (name, redis) => {
  let opened: Promise<RedisConnections> | undefined;
  afterAll(async () => (await opened)?.close());
  const service = `tags-${randomUUID()}`;
  const open = async (options: { limit?: number; lifetime?: number } = {}) => {
    opened ??= connectTo(redis());
    return new RedisTagStore({
      courier: new Courier(await opened, { clock, local: clock, learn: () => undefined }),
      service,
      channel: CHANNEL,
      announce: ({ kind }) => said(noticeHead('contract', 1, kind)),
      changed: () => undefined,
      ...options,
    });
  };
  const newCache = () => `cache-${randomUUID()}`;

  tagStoreContract({ name, open, newCache, pass: pause });

  it('tells everybody which tags, or that it was the whole cache', async () => {
    const store = await open();
    const cache = newCache();
    const heard: unknown[] = [];
    const { subscriber } = await (opened as Promise<RedisConnections>);
    await new Promise<void>((subscribed) => {
      subscriber.listen(CHANNEL, {
        subscribed,
        lost: () => undefined,
        message: (payload) => {
          const notice = parseNotice(payload.toString('latin1'));
          const news = notice && parseTagNotice(notice.key, service);
          if (news?.cache === cache) heard.push({ ...news, number: notice?.assigned });
        },
      });
    });
    const one = await store.bump(cache, { tags: ['a', 'b,c'], mode: 'expire', seen: 0 });
    const all = await store.bump(cache, { tags: [], mode: 'delete', seen: 0 });
    await eventually('both came', () => heard.length === 2);
    expect(heard).toEqual([
      { cache, tags: ['a', 'b,c'], mode: 'expire', number: one },
      { cache, tags: [], mode: 'delete', number: all },
    ]);
  });

  it('begins anew where its hash was lost, above all that anybody knew', async () => {
    const [store, cache] = [await open(), newCache()];
    const before = await store.bump(cache, { tags: ['a'], mode: 'delete', seen: 0 });
    await (await (opened as Promise<RedisConnections>)).data.call('DEL', `coord:${service}:tags:${cache}`);
    const { generation, floor } = await store.look(cache, 'a', before);
    expect([generation > before, floor]).toEqual([true, generation]);
  });

  it('makes an invalidation again only where it was lost', async () => {
    const [store, cache] = [await open(), newCache()];
    const number = await store.bump(cache, { tags: ['a'], mode: 'delete', seen: 0 });
    expect(await store.again(cache, { tags: ['a'], mode: 'delete' }, number)).toBe(false);
    expect(await store.again(cache, { tags: ['b'], mode: 'delete' }, number)).toBe(true);
    expect(await store.look(cache, 'b', 0)).toMatchObject({ deleted: number });
  });
});
