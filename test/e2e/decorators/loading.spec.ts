import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CacheEvents, CacheService, currentLoad, ReadThrough } from '@datapunk/cache';
import { full, isShared } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';

interface Token {
  readonly text: string;
  readonly lasts: number;
}

@Injectable()
class Tokens {
  loads = 0;

  @ReadThrough('said:{0}')
  async said(id: number): Promise<Token> {
    currentLoad()?.ttl('1h');
    return this.#token(id);
  }

  @ReadThrough('found:{0}', { ttl: (token: Token) => token.lasts, nullTtl: '30s' })
  async found(id: number): Promise<Token | null> {
    return id === 0 ? null : this.#token(id);
  }

  @ReadThrough('skipped:{0}')
  async skipped(id: number): Promise<Token> {
    currentLoad()?.skip();
    return this.#token(id);
  }

  @ReadThrough('failed:{0}')
  async failed(id: number): Promise<Token> {
    const token = this.#token(id);
    return currentLoad()?.fail('half an answer') ?? token;
  }

  #token(id: number): Token {
    this.loads += 1;
    return { text: `token ${id}`, lasts: 7_200_000 };
  }
}

async function start() {
  const app = await boot([Tokens]);
  const told: string[] = [];
  const lifetimes: number[] = [];
  app.get(CacheEvents).on('stored', ({ ttl }) => lifetimes.push(ttl));
  app.get(CacheEvents).on('not-stored', ({ key, reason }) => told.push(`${key} ${reason}`));
  return { tokens: app.get(Tokens), cache: app.get(CacheService), told, lifetimes };
}

describe('a decorated method that speaks of its result', () => {
  it('says how long it is fresh', async () => {
    const { tokens, lifetimes } = await start();
    await tokens.said(1);
    await eventually('it is kept', () => lifetimes.length === 1);
    await tokens.said(1);
    expect(tokens.loads).toBe(1);
    expect(Math.abs((lifetimes[0] ?? 0) - 3_600_000)).toBeLessThanOrEqual(360_001);
  });

  it('has it found in the result, and a lifetime of its own for null', async () => {
    const { tokens, lifetimes } = await start();
    await tokens.found(1);
    await eventually('the value is kept', () => lifetimes.length === 1);
    await tokens.found(0);
    await eventually('null is kept', () => lifetimes.length === 2);
    expect(Math.abs((lifetimes[0] ?? 0) - 7_200_000)).toBeLessThanOrEqual(720_001);
    expect(Math.abs((lifetimes[1] ?? 0) - 30_000)).toBeLessThanOrEqual(3_001);
  });

  it('has it not kept', async () => {
    const { tokens, cache, told } = await start();
    await expect(tokens.skipped(1)).resolves.toMatchObject({ text: 'token 1' });
    await tokens.skipped(1);
    expect(tokens.loads).toBe(2);
    expect(told).toEqual([`${full('skipped:1')} skipped`, `${full('skipped:1')} skipped`]);
    await expect(cache.get('skipped:1')).resolves.toBeUndefined();
  });

  it('fails the load', async () => {
    const { tokens } = await start();
    await expect(tokens.failed(1)).rejects.toThrow('half an answer');
    await expect(tokens.failed(1)).rejects.toThrow('half an answer');
    expect(tokens.loads).toBe(2);
  });
});

describe('a service whose loader skips', () => {
  it('keeps nothing, also where another application waits for the same key', async () => {
    const one = await start();
    const two = isShared ? await start() : one;
    let loads = 0;
    const load = (cache: CacheService) =>
      cache.readThrough<string, string>('vetoed:1', async ({ skip }) => {
        loads += 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
        skip();
        return 'not for others';
      });
    await expect(Promise.all([load(one.cache), load(two.cache)])).resolves.toEqual([
      'not for others',
      'not for others',
    ]);
    expect(loads).toBe(isShared ? 2 : 1);
    await expect(one.cache.get('vetoed:1')).resolves.toBeUndefined();
  });
});
