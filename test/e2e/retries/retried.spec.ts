import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import {
  CacheConfigError,
  CacheEvents,
  CacheService,
  currentAttempt,
  Evict,
  ReadThrough,
  Retried,
  RetryService,
  type Attempt,
} from '@datapunk/cache';
import { boot, closeAfterwards, rootModule } from '../../support/boot.js';

const DOWN = new Error('down');
const QUICK = { delay: { base: 1, max: 1 } } as const;

@Injectable()
class Rates {
  /** Attempts that fail before one succeeds. */
  failures = 0;
  readonly seen: (Attempt | undefined)[] = [];

  @Retried('rates', QUICK)
  async today(currency: string): Promise<string> {
    return this.answer(currency);
  }

  @Retried('rates-cached', QUICK)
  @ReadThrough('rate:{0}')
  async cached(currency: string): Promise<string> {
    return this.answer(currency);
  }

  @Evict('rate:{0}')
  @Retried('rates-updated', QUICK)
  async update(currency: string): Promise<string> {
    return this.answer(currency);
  }

  private async answer(currency: string): Promise<string> {
    await Promise.resolve();
    this.seen.push(currentAttempt());
    if (this.failures-- > 0) throw DOWN;
    return `${currency} ${this.seen.length}`;
  }
}

describe('@Retried', () => {
  it('makes the failed call again, and tells', async () => {
    const app = await boot([Rates]);
    const rates = app.get(Rates);
    const told: unknown[] = [];
    app.get(CacheEvents).on('retried', ({ operation, attempt, error }) => told.push([operation, attempt, error]));
    rates.failures = 2;
    expect(await rates.today('eur')).toBe('eur 3');
    expect(told).toEqual([
      ['rates', 1, DOWN],
      ['rates', 2, DOWN],
    ]);
  });

  it('gives the method its attempt, and nobody else', async () => {
    const rates = (await boot([Rates])).get(Rates);
    rates.failures = 1;
    await rates.today('eur');
    expect(rates.seen.map((attempt) => attempt?.number)).toEqual([1, 2]);
    const [first] = rates.seen;
    expect(first?.signal).toBeInstanceOf(AbortSignal);
    expect(first?.deadline).toBeGreaterThan(Date.now());
    expect(currentAttempt()).toBe(undefined);
  });

  it('gives the last error to the caller, unchanged', async () => {
    const rates = (await boot([Rates])).get(Rates);
    rates.failures = 3;
    await expect(rates.today('eur')).rejects.toBe(DOWN);
    expect(rates.seen).toHaveLength(3);
  });

  it('stands inside the cache, whatever the order it was written in: a hit makes no attempt', async () => {
    const rates = (await boot([Rates])).get(Rates);
    rates.failures = 1;
    expect(await rates.cached('eur')).toBe('eur 2');
    expect(await rates.cached('eur')).toBe('eur 2');
    expect(rates.seen).toHaveLength(2);
  });

  it('stands inside evictions: they wait for the attempt that succeeds', async () => {
    const app = await boot([Rates]);
    const [rates, cache] = [app.get(Rates), app.get(CacheService)];
    await cache.set('rate:eur', 'old');
    rates.failures = 3;
    await expect(rates.update('eur')).rejects.toBe(DOWN);
    // Nobody knows what the failed ones have changed.
    expect(await cache.get('rate:eur')).toBeUndefined();
    await cache.set('rate:eur', 'old');
    rates.failures = 1;
    await rates.update('eur');
    expect(await cache.get('rate:eur')).toBe(undefined);
  });

  it('calls through the service that the application injects', async () => {
    const asked: string[] = [];
    const service = {
      run: (operation: string, work: (attempt: Partial<Attempt>) => unknown) => {
        asked.push(operation);
        return work({ number: 7 });
      },
    };
    const testing = Test.createTestingModule({ imports: [rootModule({ providers: [Rates] })] });
    const app = closeAfterwards(await testing.overrideProvider(RetryService).useValue(service).compile());
    await app.init();
    await app.get(Rates).today('eur');
    expect(asked).toEqual(['rates']);
    expect(app.get(Rates).seen).toEqual([{ number: 7 }]);
  });

  /** As JavaScript writes it, past the compiler. */
  function withPolicy(operation: string, policy: object): new () => object {
    class Wrong {
      async call(): Promise<number> {
        return 1;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Wrong.prototype, 'call');
    const decorate: MethodDecorator = Reflect.apply(Retried, undefined, [operation, policy]);
    if (descriptor !== undefined) decorate(Wrong.prototype, 'call', descriptor);
    Object.defineProperty(Wrong.prototype, 'call', descriptor ?? {});
    return Wrong;
  }

  it.each([
    ['pay:ments', {}, 'Wrong.call: operation: "pay:ments" is no name for an operation'],
    ['pay{0}', {}, 'Wrong.call: operation: "pay{0}" is no name'],
    ['payments', { attempts: 0 }, '@Retried on Wrong.call.attempts: 0 is not valid'],
    ['payments', { attempt: 3 }, "there is no option 'attempt'. Did you mean 'attempts'?"],
    ['payments', { delay: { base: 'soon' } }, '@Retried on Wrong.call.delay.base: "soon" is not valid'],
    ['payments', { retryIf: 3 }, '@Retried on Wrong.call.retryIf: 3 is not valid'],
    ['payments', { breaker: 'off' }, '@Retried on Wrong.call.breaker: "off" is not valid'],
  ])('fails the boot for %s with %o', async (operation, policy, message) => {
    await expect(boot([withPolicy(operation, policy)])).rejects.toThrow(message);
  });

  it('stands once on a method', () => {
    expect(() => {
      class Twice {
        @Retried('one')
        @Retried('two')
        async call(): Promise<number> {
          return 1;
        }
      }
      return Twice;
    }).toThrow(new CacheConfigError('Twice.call: two @Retried on one method. Keep one of them.'));
  });
});
