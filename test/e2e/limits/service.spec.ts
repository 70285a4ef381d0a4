import { Injectable } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CacheConfigError,
  CacheEvents,
  RateLimited,
  RateLimitExceededError,
  RateLimitService,
  ReadThrough,
  runInCacheContext,
  type CacheEvent,
  type ConcurrencyRule,
  type LimitRule,
} from '@datapunk/cache';
import { boot } from '../../support/boot.js';
import { eventually, pause } from '../../support/redis/wait.js';

let runs = 0;
beforeEach(() => {
  runs = 0;
});

@Injectable()
class Mails {
  @RateLimited({ name: 'mails', limit: 2, per: '1h', key: '{0.id}' })
  async send(_user: { id: number }): Promise<number> {
    return ++runs;
  }

  @RateLimited({ name: 'own-exports', concurrent: 1, key: '{0}' })
  async export(_who: string, ended: Promise<void>): Promise<number> {
    const run = ++runs;
    await ended;
    return run;
  }

  @ReadThrough('report:{0}')
  @RateLimited({ name: 'reports', limit: 1, per: '1h', at: 'load' })
  async report(id: number): Promise<string> {
    return `${id} ${++runs}`;
  }

  @ReadThrough('summary:{0}')
  @RateLimited({ name: 'asked', scope: 'summaries', limit: 4, per: '1h' })
  @RateLimited({ name: 'made', scope: 'summaries', limit: 2, per: '1h', at: 'load' })
  async summary(id: number): Promise<string> {
    return `${id} ${++runs}`;
  }

  @ReadThrough('chart:{0}')
  @RateLimited({ name: 'charts', concurrent: 1, at: 'load' })
  async chart(id: number, ended: Promise<void>): Promise<string> {
    const run = ++runs;
    await ended;
    return `${id} ${run}`;
  }
}

const rules = {
  burst: { limit: 5, per: '1h', scope: 'user', key: '{0}' },
  daily: { limit: 3, per: '1d', scope: 'user', key: '{0}' },
  all: { limit: 4, per: '1h' },
} as const;

async function start() {
  const app = await boot([Mails], { limits: { rules } });
  return { app, limits: app.get(RateLimitService) };
}

const check = (limits: RateLimitService, names: string | string[], who: string) => limits.check(names, [who]);

describe('a provider with a limit', () => {
  it('runs no more than it says, by argument', async () => {
    const { app } = await start();
    const mails = app.get(Mails);
    expect([await mails.send({ id: 1 }), await mails.send({ id: 1 }), await mails.send({ id: 2 })]).toEqual([1, 2, 3]);
    await expect(mails.send({ id: 1 })).rejects.toThrow(RateLimitExceededError);
    await expect(mails.send({ id: 1 })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      status: 429,
      violated: ['mails'],
    });
    expect(runs).toBe(3);
  });

  it('is limited only when it loads, if it says so', async () => {
    const mails = (await start()).app.get(Mails);
    expect([await mails.report(1), await mails.report(1)]).toEqual(['1 1', '1 1']);
    await expect(mails.report(2)).rejects.toThrow(RateLimitExceededError);
  });

  it('counts calls and loads apart, though they have one scope', async () => {
    const mails = (await start()).app.get(Mails);
    expect(await mails.summary(1)).toBe('1 1');
    expect(await mails.summary(1)).toBe('1 1');
    expect(await mails.summary(2)).toBe('2 2');
    await expect(mails.summary(3)).rejects.toMatchObject({ violated: ['made'] });
    await expect(mails.summary(1)).rejects.toMatchObject({ violated: ['asked'] });
  });
});

/** Work that goes on until it is told to end. */
function work() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { end: () => end(), ended };
}

describe('a limit on what runs at a time', () => {
  it('lets so many run for each identity, and the next when one has ended', async () => {
    const { limits } = await start();
    const rule: ConcurrencyRule = { name: 'exports', concurrent: 2, key: '{0}' };
    const jobs = [work(), work(), work()];
    const [first, second, other] = jobs.map(async ({ ended }, at) =>
      limits.run(rule, [at === 2 ? 'bob' : 'ann'], () => ended),
    );
    const third = () => limits.run(rule, ['ann'], async () => 'ran');
    await eventually('two are under way', async () => (await third().catch(() => 'refused')) === 'refused', 5_000);
    await expect(third()).rejects.toMatchObject({ code: 'RATE_LIMITED', violated: ['exports'], retryAfter: 1_000 });
    jobs[0]?.end();
    await first;
    expect(await third()).toBe('ran');
    for (const { end } of jobs) end();
    await Promise.all([second, other]);
  });

  it('gives the room back when the work throws, and throws the same', async () => {
    const { limits } = await start();
    const fail = () => limits.run({ name: 'one', concurrent: 1 }, 'x', async () => Promise.reject(new Error('broken')));
    await expect(fail()).rejects.toThrow('broken');
    await expect(fail()).rejects.toThrow('broken');
  });

  it('counts under no other rule what it refuses', async () => {
    const { limits } = await start();
    const both = ['burst', { name: 'alone', concurrent: 1, key: '{0}' }] as const;
    const remaining = await limits.run(both, ['x'], async () => {
      await expect(limits.run(both, ['x'], async () => runs++)).rejects.toMatchObject({ violated: ['alone'] });
      // Nobody waits until it is given back.
      await pause(200);
      return (await limits.check('burst', ['x'])).remaining;
    });
    expect([remaining, runs]).toEqual([3, 0]);
  });

  it('holds a decorated method, by argument', async () => {
    const { app } = await start();
    const mails = app.get(Mails);
    const first = work();
    const running = mails.export('ann', first.ended);
    await eventually('it runs', () => runs === 1, 5_000);
    await expect(mails.export('ann', first.ended)).rejects.toMatchObject({ violated: ['own-exports'] });
    const other = mails.export('bob', first.ended);
    first.end();
    expect(await Promise.all([running, other])).toEqual([1, 2]);
    expect(await mails.export('ann', first.ended)).toBe(3);
  });

  it('holds what loads, and nobody who finds it loaded', async () => {
    const mails = (await start()).app.get(Mails);
    const done = Promise.resolve();
    expect(await mails.chart(1, done)).toBe('1 1');
    const first = work();
    const loading = mails.chart(2, first.ended);
    await eventually('it loads', () => runs === 2, 5_000);
    await expect(mails.chart(3, done)).rejects.toMatchObject({ violated: ['charts'] });
    expect(await mails.chart(1, done)).toBe('1 1');
    first.end();
    expect(await loading).toBe('2 2');
    expect(await mails.chart(3, done)).toBe('3 3');
  });

  it('is asked by run() only, which knows when it ends', async () => {
    const { limits } = await start();
    const rule: ConcurrencyRule = { name: 'runs', concurrent: 1 };
    await expect(limits.check(rule)).rejects.toThrow("'runs' is on requests at a time: only run() knows");
    await expect(limits.run({ ...rule, concurrent: 0 }, 'x', async () => 1)).rejects.toThrow(
      'concurrent: 0 is not valid',
    );
    await expect(limits.run({ ...rule, ttl: 10 }, 'x', async () => 1)).rejects.toThrow("write at least '200ms'");
  });
});

describe('the rate limit service', () => {
  it('decides the rules of a scope together: a refusal counts under none', async () => {
    const { limits } = await start();
    for (let n = 0; n < 3; n++) expect((await check(limits, ['burst', 'daily'], 'ann')).allowed).toBe(true);
    const refused = await check(limits, ['burst', 'daily'], 'ann');
    expect(refused).toMatchObject({ allowed: false, violated: ['daily'], remaining: 0, limit: 3, storeDown: false });
    expect(refused.retryAfter).toBeGreaterThan(7 * 3_600_000);
    expect(refused.rules.find(({ rule }) => rule === 'burst')).toMatchObject({ remaining: 2, allowed: true });
  });

  it('gives back what was counted in scopes before the one that refused', async () => {
    const { limits } = await start();
    for (const who of ['a', 'b', 'c', 'd']) expect((await check(limits, ['all', 'burst'], who)).allowed).toBe(true);
    expect(await check(limits, ['all', 'burst'], 'e')).toMatchObject({ allowed: false, violated: ['all'] });
    expect(await check(limits, 'burst', 'e')).toMatchObject({ remaining: 4 });
  });

  it('counts costs, refunds, penalties and rewards, and forgets', async () => {
    const { limits } = await start();
    expect(await limits.check('burst', ['x'], { cost: 3 })).toMatchObject({ remaining: 2 });
    expect(await limits.check('burst', ['x'], { cost: 3 })).toMatchObject({ allowed: false, remaining: 2 });
    await limits.refund('burst', ['x'], { cost: 2 });
    expect(await limits.check('burst', ['x'])).toMatchObject({ allowed: true, remaining: 3 });
    await limits.penalize('burst', ['x'], 10);
    expect(await limits.check('burst', ['x'])).toMatchObject({ allowed: false });
    await limits.reward('burst', ['x'], 9);
    expect(await limits.check('burst', ['x'])).toMatchObject({ allowed: true, remaining: 1 });
    await limits.reset('burst', ['x']);
    expect(await limits.consume('burst', 'x')).toMatchObject({ remaining: 4 });
  });

  it('changes the counts of the rules it is told, and of no other in their scope', async () => {
    const { limits } = await start();
    const left = async (rule: string) => (await limits.check(rule, ['x'])).remaining;
    await check(limits, ['burst', 'daily'], 'x');
    expect(await left('burst')).toBe(3);
    await limits.penalize('burst', ['x'], 3);
    expect(await left('daily')).toBe(1);
    await limits.reward('daily', ['x'], 1);
    expect(await check(limits, ['burst', 'daily'], 'x')).toMatchObject({ allowed: false, violated: ['burst'] });
    expect(await left('daily')).toBe(1);
  });

  it('throws where one wants it to', async () => {
    const { limits } = await start();
    await expect(limits.consume('burst', 'x', { cost: 6 })).rejects.toMatchObject({ violated: ['burst'] });
  });

  it('takes limits that depend on the call', async () => {
    const { limits } = await start();
    const rule: LimitRule = { name: 'plan', limit: ({ args }) => (args[0] === 'paid' ? 3 : 1), per: '1h', key: '{0}' };
    const remaining = async (who: string) => (await limits.check(rule, [who])).remaining;
    expect([await remaining('paid'), await remaining('free')]).toEqual([2, 0]);
    expect(await limits.check(rule, ['free'])).toMatchObject({ allowed: false });
    expect(await limits.check(rule, ['free'], { limit: 2 })).toMatchObject({ allowed: true, limit: 2 });
  });

  it('tells of refusals, and of those in the shadow that refuse nobody', async () => {
    const { app, limits } = await start();
    const told: CacheEvent[] = [];
    app.get(CacheEvents).on('limited', (event) => told.push(event));
    app.get(CacheEvents).on('limit-shadowed', (event) => told.push(event));
    const shadow: LimitRule = { name: 'watched', limit: 1, per: '1h', shadow: true };
    for (let n = 0; n < 2; n++) expect((await limits.check(shadow)).allowed).toBe(true);
    await limits.check('burst', 'x', { cost: 6 });
    expect(told).toMatchObject([
      { type: 'limit-shadowed', rule: 'watched' },
      { type: 'limited', rules: ['burst'] },
    ]);
  });

  it('counts an IPv6 subscriber by his /64, and who has no user by his address', async () => {
    const { limits } = await start();
    const rule: LimitRule = { name: 'who', limit: 1, per: '1h', key: '{@user}' };
    const allowed = (ip: string) => runInCacheContext({ ip }, async () => (await limits.check(rule)).allowed);
    expect(await allowed('2001:db8:0:1::1')).toBe(true);
    expect(await allowed('2001:db8:0:1:ffff::2')).toBe(false);
    expect(await allowed('2001:db8:0:2::1')).toBe(true);
    expect(await allowed('::ffff:10.0.0.1')).toBe(true);
    expect(await allowed('10.0.0.1')).toBe(false);
  });

  it('refuses wrong rules and names, with the remedy', async () => {
    const { limits } = await start();
    await expect(limits.check('burts', 'x')).rejects.toThrow(
      "there is no limit 'burts'. Known limits: burst, daily, all",
    );
    await expect(limits.check({ name: 'burst', limit: 9, per: '1h' })).rejects.toThrow(
      "there is another limit 'burst'",
    );
    await expect(limits.check({ name: 'a b', limit: 9, per: '1h' })).rejects.toThrow(CacheConfigError);
    await expect(limits.check('burst', ['x'], { cost: -1 })).rejects.toThrow('cost: -1 is not valid');
    await expect(limits.penalize('burst', 'x', 0)).rejects.toThrow('points: 0 is not valid');
  });
});
