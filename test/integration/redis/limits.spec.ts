import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../../libs/cache/src/core/errors.js';
import { decide } from '../../../libs/cache/src/core/limits/decide.js';
import type { LimitAlgorithm } from '../../../libs/cache/src/core/limits/meters/new-meter.js';
import type { Clock } from '../../../libs/cache/src/core/shared/clock.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { RedisLimitStore } from '../../../libs/cache/src/drivers/redis/limits/redis-limit-store.js';
import { DECIDE } from '../../../libs/cache/src/drivers/redis/limits/scripts/decide.script.js';
import { metersOf, rulesText } from '../../../libs/cache/src/drivers/redis/limits/state-text.js';
import { rules } from '../../contracts/limit-store.contract.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { pause } from '../../support/redis/wait.js';
import { coordinate, SERVICE } from './support.js';

let server: Standalone;
beforeAll(async () => {
  server = await startStandalone();
});
afterAll(() => server.stop());

const url = () => `redis://${server.address}`;
const commands = async (name: string) => {
  const said = String(await server.call('INFO', 'commandstats'));
  return Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(said)?.[1] ?? 0);
};

describe('the scripts of limits', () => {
  it.each(['gcra', 'sliding', 'exact'] as const)(
    'count as the process works it out: %s',
    async (algorithm: LimitAlgorithm) => {
      const coordination = await coordinate(url());
      const all = rules({ limit: 7, per: 300, algorithm }, { limit: 20, per: 700, algorithm });
      const name = `twin,${algorithm}`;
      const key = `coord:${SERVICE}:ratelimit:${name}`;
      let admitted = 0;
      for (let step = 0; step < 120; step++) {
        await pause((step * 7) % 23);
        const costs = Array.from({ length: 1 + (step % 4) }, (_, n) => (n % 3) + 1);
        const args = ['9e15', rulesText(all), costs.map((cost) => `${cost}x1`).join(',')];
        const [said] = await coordination.run({ script: DECIDE, key, args });
        const [us = '', value = ''] = String(said).split(/:(.*)/s);
        const meters = metersOf(all, value);
        let counted = false;
        for (const cost of costs) {
          const { allowed } = decide({ key: name, rules: all, cost }, meters, Number(us) / 1_000);
          if (allowed) admitted += 1;
          counted ||= allowed;
        }
        if (!counted) continue;
        const stored = metersOf(all, String(await server.call('GET', key)));
        expect(stored.map((meter) => meter.numbers())).toEqual(meters.map((meter) => meter.numbers()));
      }
      expect(admitted).toBeGreaterThan(20);
    },
  );

  it('decide eight rules, and all requests of a tick, in one call on one key', async () => {
    const store = new RedisLimitStore(await coordinate(url()), 1_000);
    await store.probe();
    const all = rules(...Array.from({ length: 8 }, (_, at) => ({ limit: 100 - at, per: '1h' as const })));
    await store.decide({ key: 'eight,a', rules: all, cost: 1 });
    const before = await commands('evalsha');
    const asked = Array.from({ length: 64 }, () => store.decide({ key: 'eight,a', rules: all, cost: 1 }));
    expect((await Promise.all(asked)).every(({ allowed }) => allowed)).toBe(true);
    expect((await commands('evalsha')) - before).toBe(1);
    expect(await server.call('KEYS', '*eight*')).toEqual([`coord:${SERVICE}:ratelimit:eight,a`]);
  });

  it('leave nothing behind when nothing counts any more', async () => {
    const store = new RedisLimitStore(await coordinate(url()), 1_000);
    const ask = { key: 'gone,a', rules: rules({ limit: 2, per: 200 }), cost: 1 };
    await store.decide(ask);
    const left = Number(await server.call('PTTL', `coord:${SERVICE}:ratelimit:gone,a`));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(101);
    await store.adjust({ ...ask, cost: -5 });
    expect(await server.call('EXISTS', `coord:${SERVICE}:ratelimit:gone,a`)).toBe(0);
  });

  it('forget what other rules counted when it has run down, whoever asks meanwhile', async () => {
    const store = new RedisLimitStore(await coordinate(url()), 1_000);
    const all = rules({ limit: 9, per: '1h' }, { limit: 9, per: 300, algorithm: 'exact' }, { limit: 9, per: 600 });
    const key = 'renamed,a';
    const stored = async () => String(await server.call('GET', `coord:${SERVICE}:ratelimit:${key}`));
    const asked = all.slice(0, 1);
    await store.decide({ key, rules: all, cost: 3 });
    await store.decide({ key, rules: asked, cost: 1 });
    expect((await stored()).split(';')).toHaveLength(4);
    await pause(320);
    await store.decide({ key, rules: asked, cost: 1 });
    // Alone as before, so that it is decided as cheaply.
    expect(await stored()).toMatch(/^rule-0~gcra~3600000=[\d.]+,[\d.]+;$/);
    expect(Number(await server.call('PTTL', `coord:${SERVICE}:ratelimit:${key}`))).toBeGreaterThan(1_000_000);
  });

  it.each<[string, readonly string[]]>([
    ['a hash', ['HSET', 'field', 'value']],
    ['a text', ['SET', 'what somebody wrote']],
    ['nothing but an empty text', ['SET', '']],
    ['numbers too few', ['SET', 'rule-0~gcra~3600000=1;']],
    ['what looks like numbers', ['SET', 'rule-0~gcra~3600000=1.2.3,4;']],
    ['numbers that are none', ['SET', 'rule-0~gcra~3600000=1e999,1;']],
  ])(
    'tell those alone who ask for a key that holds %s, and leave it as it is',
    async (_what, [command = '', ...args]) => {
      const store = new RedisLimitStore(await coordinate(url()), 1_000);
      await store.probe();
      const lists = [rules({ limit: 9, per: '1h' }), rules({ limit: 9, per: '1h' }, { limit: 9, per: '1d' })];
      const full = `coord:${SERVICE}:ratelimit:foreign,a`;
      await server.call('DEL', full);
      await server.call(command, full, ...args);
      const dump = await server.call('DUMP', full);
      for (const list of lists) {
        const asks = ['near,a', 'foreign,a', 'near,b'].map((key) => ({ key, rules: list, cost: 1 }));
        for (const work of [
          (at: number) => store.decide(asks[at] ?? NONE),
          (at: number) => store.adjust(asks[at] ?? NONE),
        ]) {
          const said = await Promise.allSettled([work(0), work(1), work(2)]);
          expect(said.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
          expect(said[1]).toMatchObject({
            reason: { name: 'CacheConfigError', message: expect.stringContaining(`'${full}'`) },
          });
        }
      }
      expect(await server.call('DUMP', full)).toEqual(dump);
      // To forget what is shaped like ours is the remedy.
      if (args.at(-1)?.endsWith('=1;') === true) await store.reset('foreign,a');
      else await expect(store.reset('foreign,a')).rejects.toThrow(CacheConfigError);
    },
  );

  it('keep a penalty beyond all measure within what Redis takes as a lifetime', async () => {
    const store = new RedisLimitStore(await coordinate(url()), 1_000);
    const ask = { key: 'beyond,a', rules: rules({ limit: 1, per: '30d' }), cost: 1_000_000_000 };
    for (let n = 0; n < 20; n++) await store.adjust({ ...ask, cost: 1e15 });
    expect((await store.decide({ ...ask, cost: 1 })).allowed).toBe(false);
  });

  it.each([0, 1, 2, 3])(
    'are answered though this process stands still meanwhile, from %i turns of its loop after the request',
    async (turns) => {
      const store = new RedisLimitStore(await coordinate(url()), 800);
      const ask = { key: `busy,${turns}`, rules: rules({ limit: 100, per: '1h' }), cost: 1 };
      await store.probe();
      for (let round = 1; round <= 2; round++) {
        const asked = Promise.resolve(store.decide(ask));
        asked.catch(() => undefined);
        for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
        standStill(1_040);
        expect(await asked).toMatchObject({ allowed: true, remaining: 100 - round });
      }
    },
  );

  it.each([-600_000, 600_000])(
    'decide by the time of the server: a clock that is %i ms off changes nothing',
    async (off) => {
      const right = new RedisLimitStore(await coordinate(url()), 1_000);
      const wrong = new RedisLimitStore(await coordinate(url(), undefined, offBy(off)), 1_000);
      const ask = {
        key: `skew,${off}`,
        rules: rules({ limit: 4, per: '1h' }, { limit: 4, per: '1h', algorithm: 'exact' }),
        cost: 1,
      };
      await right.probe();
      await wrong.probe();
      const allowed: boolean[] = [];
      for (let n = 0; n < 6; n++) allowed.push((await (n % 2 === 0 ? right : wrong).decide(ask)).allowed);
      expect(allowed).toEqual([true, true, true, true, false, false]);
    },
  );
});

const NONE = { key: 'none', rules: [], cost: 1 };

function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** A process whose clock is so many ms off. */
function offBy(ms: number): Clock {
  const clock = new SystemClock();
  return {
    now: () => clock.now() + ms,
    coarse: () => clock.coarse() + ms,
    after: (delay, task) => clock.after(delay, task),
  };
}
