import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, HOST } from '../../support/redis/ports.js';
import { startSentinel, type SentinelGroup } from '../../support/redis/sentinel.js';
import { eventually } from '../../support/redis/wait.js';
import { BUS, connect, failure, tracked } from './support.js';

let group: SentinelGroup;
beforeAll(async () => {
  group = await startSentinel({ password: 'hush' });
});
afterAll(() => group.stop());

const sentinels = () => group.sentinels.map(({ address }) => address);

describe('sentinels', () => {
  it('lead to the primary, before and after a failover', async () => {
    const { redis, told } = await connect({ sentinels: sentinels(), name: group.name, password: 'hush' });
    expect([redis.kind, redis.isReady()]).toEqual(['standalone', true]);
    expect(redis.address).toContain(`${group.name} of the sentinels ${sentinels()[0]}`);
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push('up'),
      lost: () => heard.push('lost'),
      message: (payload) => heard.push(String(payload)),
    });
    await eventually('it is subscribed', () => heard.length > 0);
    const touched = await tracked(redis);
    expect(await redis.data.call('SET', 'app:lake:x:1', 'before')).toBe('OK');
    const next = await group.failover();
    await eventually('writes go to the new primary', async () => {
      await redis.data.call('SET', 'app:lake:x:1', 'after').catch(() => undefined);
      return (await next.call('GET', 'app:lake:x:1')) === 'after';
    });
    await eventually('messages arrive', async () => {
      await next.call('PUBLISH', BUS, 'after');
      return heard.includes('after');
    });
    expect(heard.slice(0, 3)).toEqual(['up', 'lost', 'up']);
    await eventually('the new primary tells of touched keys', async () => {
      await next.call('SET', 'app:lake:x:2', 'from outside');
      return touched.includes('app:lake:x:2');
    });
    expect(touched.filter((what) => what === 'hears' || what === 'deaf').slice(0, 3)).toEqual([
      'hears',
      'deaf',
      'hears',
    ]);
    expect(told.at(-1)).toBe('ready');
  });

  it('that do not know the name fail the boot', async () => {
    const { error, left } = await failure({ sentinels: sentinels(), name: 'pond', password: 'hush', timeout: 600 });
    expect(error.message).toMatch(
      /^Redis at pond of the sentinels .*SENTINEL, no sentinel names a primary\. Check forRoot\.redis\.sentinels and name/,
    );
    await eventually('nothing is left', () => left().length === 0);
  });

  it('that are away fail the boot, or do not where it can do without', async () => {
    const away = { sentinels: [{ host: HOST, port: await freePort() }], name: 'lake' };
    const { error } = await failure({ ...away, timeout: 300 });
    expect(error.message).toMatch(/within 300 ms: SENTINEL, no sentinel names a primary/);
    const { redis, told } = await connect({ ...away, required: false, timeout: 300 });
    expect([redis.isReady(), told]).toEqual([false, ['SENTINEL: no sentinel names a primary']]);
  });

  it('do not hide a wrong password', async () => {
    const { error } = await failure({ sentinels: sentinels(), name: group.name, password: 'no' });
    expect(error.message).toMatch(/WRONGPASS, it refuses the password/);
  });
});
