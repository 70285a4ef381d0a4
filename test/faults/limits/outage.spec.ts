import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { ConcurrencyLimiter } from '../../../libs/cache/src/core/limits/concurrency.js';
import { resolveConcurrency } from '../../../libs/cache/src/core/limits/concurrency-rule.js';
import type { LimitAsk } from '../../../libs/cache/src/core/limits/limit-store.js';
import { OutageStore } from '../../../libs/cache/src/core/limits/outage.js';
import type { WhenStoreDown } from '../../../libs/cache/src/core/limits/rule.js';
import { termsOf } from '../../../libs/cache/src/core/locks/lock-options.js';
import { Permits } from '../../../libs/cache/src/core/locks/permits.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { MemoryLimitStore } from '../../../libs/cache/src/drivers/memory/limits/memory-limit-store.js';
import { MemoryPermits } from '../../../libs/cache/src/drivers/memory/permits/memory-permits.js';
import type { Coordination } from '../../../libs/cache/src/drivers/redis/coordination/coordination.js';
import { RedisPermits } from '../../../libs/cache/src/drivers/redis/permits/redis-permits.js';
import { RedisLimitStore } from '../../../libs/cache/src/drivers/redis/limits/redis-limit-store.js';
import { coordinate } from '../../integration/redis/support.js';
import { rules } from '../../contracts/limit-store.contract.js';
import type { RedisServer } from '../../support/redis/server.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { blackHole } from '../kit/conditions.js';
import { Proxy } from '../kit/proxy.js';
import { Lag } from '../storm/lag.js';

const LIMIT = 1_000;
const KEY = 'scope,outage';
const ROUNDS = 10;

/** @param front what clients see instead of the server */
async function start(front?: (server: RedisServer) => Promise<{ readonly address: string }>) {
  const server = await startStandalone();
  onTestFinished(() => server.stop());
  const { address } = (await front?.(server)) ?? server;
  const shared = new RedisLimitStore(await coordinate(`redis://${address}`));
  await shared.probe();
  const clock = new SystemClock();
  const events = new EventHub();
  const store = new OutageStore({ store: shared, local: new MemoryLimitStore(clock), clock, events });
  onTestFinished(() => store.close());
  const told: string[] = [];
  for (const type of ['limit-store-lost', 'limit-store-ready'] as const) events.on(type, () => told.push(type));
  const ask = (whenStoreDown: WhenStoreDown): LimitAsk => ({
    key: KEY,
    rules: rules({ limit: LIMIT, per: '1d', whenStoreDown }),
    cost: 1,
  });
  const used = async () => LIMIT - ((await shared.decide({ ...ask('local'), cost: 1 })).remaining ?? 0);
  return { server, store, told, ask, used };
}

function concurrency(redis: Coordination): ConcurrencyLimiter {
  const clock = new SystemClock();
  const events = new EventHub();
  const shared = new Permits({ engine: new RedisPermits(redis), clock, events });
  const local = new Permits({ engine: new MemoryPermits(clock), clock, events });
  const limiter = new ConcurrencyLimiter({ shared, local, clock, events, fullKey: (name) => name, patience: 40 });
  onTestFinished(() => limiter.close());
  return limiter;
}

/** How long each of so many decisions took, one after the other, less what a control timer was late; ms, slowest last. */
async function took(count: number, decide: () => unknown): Promise<number[]> {
  const times: number[] = [];
  const lag = new Lag();
  for (let n = 0; n < count; n++) {
    const began = lag.now();
    await decide();
    times.push(lag.now() - began);
  }
  lag.stop();
  return times.toSorted((a, b) => a - b);
}

/** The same with nothing taken off, for what has to take a while: the lag would make it too short. */
function stopwatch() {
  const raw: number[] = [];
  const waited = async (decide: () => unknown): Promise<void> => {
    const began = performance.now();
    await decide();
    raw.push(performance.now() - began);
  };
  return { waited, raw };
}

const quantile = (times: readonly number[], share: number) => times[Math.ceil(times.length * share) - 1] ?? Infinity;

/** Of what is shorter than two ticks of the control timer nobody knows whether a busy machine took it. */
const UNSEEN_MS = 10;

/** No decision of so many waits for anybody. */
function expectAtOnce(times: readonly number[]): void {
  expect(quantile(times, 0.5)).toBeLessThan(1);
  expect(quantile(times, 0.99)).toBeLessThan(UNSEEN_MS);
}

describe('limits whose Redis is behind a black hole', () => {
  it('are decided in 50 ms, and at once when that is known', async () => {
    const proxies: Proxy[] = [];
    const { store, told, ask } = await start(async (server) => {
      const proxy = await Proxy.start(server);
      onTestFinished(() => proxy.close());
      proxies.push(proxy);
      return proxy;
    });
    const first: number[] = [];
    const { waited, raw } = stopwatch();
    for (let round = 0; round < ROUNDS; round++) {
      expect(await store.decide(ask('closed'))).toMatchObject({ storeDown: false });
      for (const proxy of proxies) proxy.set(blackHole);
      first.push(...(await took(3, () => waited(() => store.decide(ask('open'))))));
      expect(told.at(-1)).toBe('limit-store-lost');
      expectAtOnce(await took(5_000, () => store.decide(ask('open'))));
      for (const proxy of proxies) proxy.clear();
      await eventually('the store is back', () => told.at(-1) === 'limit-store-ready', 5_000);
    }
    expect(first.toSorted((a, b) => a - b).at(-1)).toBeLessThan(50);
    expect(Math.min(...raw)).toBeGreaterThan(25);
  });

  it('let in so many at a time as the rule says, as fast', async () => {
    const server = await startStandalone();
    onTestFinished(() => server.stop());
    const proxy = await Proxy.start(server);
    onTestFinished(() => proxy.close());
    const limiter = concurrency(await coordinate(`redis://${proxy.address}`));
    const rule = resolveConcurrency({ name: 'exports', concurrent: 2 }, 'test');
    const enter = (whenStoreDown: WhenStoreDown) => limiter.enter([{ rule: { ...rule, whenStoreDown }, who: 'ann' }]);
    await (await enter('closed')).leave();
    proxy.set(blackHole);
    const { waited, raw } = stopwatch();
    const first = await took(3, () => waited(() => enter('open')));
    expect(first.at(-1)).toBeLessThan(50);
    expect(Math.min(...raw)).toBeGreaterThan(25);
    expectAtOnce(await took(5_000, () => enter('open')));
    expect((await enter('closed')).decision).toMatchObject({ allowed: false, storeDown: true });
    const local = [await enter('local'), await enter('local'), await enter('local')];
    expect(local.map(({ decision }) => decision.allowed)).toEqual([true, true, false]);
    proxy.clear();
    await eventually(
      'Redis is asked again',
      async () => {
        const { decision, leave } = await enter('closed');
        await leave();
        return decision.allowed && !decision.storeDown;
      },
      5_000,
    );
    // Nothing that was asked meanwhile is held.
    const both = [await enter('closed'), await enter('closed'), await enter('closed')];
    expect(both.map(({ decision }) => decision.allowed)).toEqual([true, true, false]);
  });
});

describe('who was let in', () => {
  const enters = async () => {
    const server = await startStandalone();
    onTestFinished(() => server.stop());
    const redis = await coordinate(`redis://${server.address}`);
    return { server, redis, limiter: concurrency(redis) };
  };

  it('does not wait for a Redis that stands still when he is done', async () => {
    const { server, limiter } = await enters();
    const rule = resolveConcurrency({ name: 'exports', concurrent: 5 }, 'test');
    const ask = [{ rule, who: 'ann' }];
    const held = [await limiter.enter(ask), await limiter.enter(ask)];
    await server.pause();
    expect((await took(1, () => held[0]?.leave()))[0]).toBeLessThan(50);
    for (let n = 0; n < 3; n++) await limiter.enter(ask);
    expect((await took(1, () => held[1]?.leave()))[0]).toBeLessThan(5);
    server.resume();
  });

  it('would wait for its permits (control)', async () => {
    const { server, redis } = await enters();
    const permits = new Permits({ engine: new RedisPermits(redis), clock: new SystemClock(), events: new EventHub() });
    const terms = termsOf({ ttl: 10_000, wait: 0 });
    const holding = await permits.acquire({ name: 'exports', weight: 1, capacity: 5 }, terms);
    await server.pause();
    expect((await took(1, () => holding?.release()))[0]).toBeGreaterThan(500);
    server.resume();
  });
});

describe('limits whose Redis stands still', () => {
  it('are decided in 50 ms, as each rule says, and at once when that is known', async () => {
    const { server, store, told, ask } = await start();
    await store.decide(ask('open'));
    await server.pause();
    const first = await took(3, () => store.decide(ask('open')));
    expect(first.at(-1)).toBeLessThan(50);
    expect(told).toEqual(['limit-store-lost']);
    expectAtOnce(await took(5_000, () => store.decide(ask('open'))));
    expect(await store.decide(ask('open'))).toMatchObject({ allowed: true, storeDown: true });
    expect(await store.decide(ask('closed'))).toMatchObject({ allowed: false, storeDown: true, retryAfter: 1_000 });
    const local = await Promise.all(Array.from({ length: LIMIT + 5 }, async () => store.decide(ask('local'))));
    expect(local.filter(({ allowed }) => allowed)).toHaveLength(LIMIT);
    server.resume();
    await eventually('the store is back', () => told.at(-1) === 'limit-store-ready', 5_000);
    expect(await store.decide(ask('closed'))).toMatchObject({ allowed: true, storeDown: false });
  });

  it('are not made up for: what was sent meanwhile counts nothing', async () => {
    const { server, store, told, ask, used } = await start();
    for (let n = 0; n < 5; n++) await store.decide(ask('local'));
    expect(await used()).toBe(6);
    await server.pause();
    await Promise.all(Array.from({ length: 200 }, async () => store.decide(ask('local'))));
    await pause(300);
    server.resume();
    await eventually('the store is back', () => told.at(-1) === 'limit-store-ready', 5_000);
    expect(await used()).toBe(7);
  });

  it('would be made up for without a deadline of their own (control)', async () => {
    const { server, store, ask, used } = await start();
    await store.decide(ask('local'));
    // The deadline of a decision is what is left of its patience: this one has a second, as a call of coordination.
    vi.spyOn(Math, 'ceil').mockImplementation((value) => Math.trunc(value) + 1_000);
    onTestFinished(() => void vi.restoreAllMocks());
    await server.pause();
    const asked = Array.from({ length: 200 }, async () => store.decide(ask('local')));
    await Promise.all(asked);
    await pause(100);
    server.resume();
    vi.restoreAllMocks();
    await pause(300);
    expect(await used()).toBeGreaterThan(100);
  });
});
