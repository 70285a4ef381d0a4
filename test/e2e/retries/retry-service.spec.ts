import { describe, expect, it } from 'vitest';
import { CacheConfigError, CacheEvents, CacheTimeoutError, CircuitOpenError, RetryService } from '@datapunk/cache';
import { boot } from '../../support/boot.js';

const DOWN = new Error('down');
const QUICK = { delay: { base: 1, max: 1 } } as const;

/** As JavaScript calls it, past the compiler. */
const run = (service: RetryService, ...args: unknown[]): Promise<unknown> =>
  Reflect.apply(service.run.bind(service), undefined, args);

describe('the retry service', () => {
  it('runs the work until it succeeds, and says which attempt it is', async () => {
    const retries = (await boot([])).get(RetryService);
    const answer = await retries.run(
      'rates',
      ({ number }) => {
        if (number < 3) throw DOWN;
        return number;
      },
      QUICK,
    );
    expect(answer).toBe(3);
  });

  it('keeps the deadline of the call and the signal of its caller', async () => {
    const retries = (await boot([])).get(RetryService);
    const forever = () => new Promise<never>(() => undefined);
    await expect(retries.run('rates', forever, { deadline: '20ms' })).rejects.toThrow(CacheTimeoutError);
    const caller = new AbortController();
    const result = retries.run('rates', forever, { signal: caller.signal });
    caller.abort(DOWN);
    await expect(result).rejects.toBe(DOWN);
  });

  it('refuses wrong names and policies', async () => {
    const retries = (await boot([])).get(RetryService);
    const work = () => 1;
    for (const name of ['', 'a:b', 'a b', '{0}', undefined, 7]) {
      await expect(run(retries, name, work)).rejects.toThrow(CacheConfigError);
    }
    await expect(run(retries, 'rates', work, { attempts: -1 })).rejects.toThrow("retry 'rates'.attempts: -1");
  });

  it('fails calls at once when all of them fail, and lets them pass when one has succeeded', async () => {
    const app = await boot([]);
    const retries = app.get(RetryService);
    const told: string[] = [];
    app.get(CacheEvents).on('breaker-opened', ({ operation, scope }) => told.push(`opened ${operation} ${scope}`));
    app.get(CacheEvents).on('breaker-closed', ({ operation, scope }) => told.push(`closed ${operation} ${scope}`));
    let isDown = true;
    const once = { attempts: 1 };
    const call = () =>
      retries
        .run('bank', () => (isDown ? Promise.reject(DOWN) : Promise.resolve('up')), once)
        .catch((error: unknown) => error);
    await expect.poll(call, { interval: 5, timeout: 10_000 }).toBeInstanceOf(CircuitOpenError);
    expect(await call()).toMatchObject({ code: 'CIRCUIT_OPEN', status: 503, expose: true });
    isDown = false;
    await expect.poll(call, { interval: 20, timeout: 10_000 }).toBe('up');
    // Alone: a fleet has two at least.
    expect(told).toEqual(['opened bank process', 'closed bank process']);
  });
});
