import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CacheEvents, Computed, ReadThrough, RequestCached, runInCacheContext } from '@datapunk/cache';
import { boot } from '../../support/boot.js';

class Money {
  constructor(readonly cents: number) {}
}

@Injectable()
class Reports {
  runs: string[] = [];

  @RequestCached()
  async user(id: string, lang?: string): Promise<{ id: string; lang?: string | undefined }> {
    this.runs.push(`user ${id}`);
    if (id === 'bad') throw new Error('no such user');
    return { id, lang };
  }

  @RequestCached()
  plain(id: number): Money {
    this.runs.push(`plain ${id}`);
    return new Money(id);
  }

  @RequestCached({ key: 'account:{0.id}' })
  async account(owner: { id: number }): Promise<number> {
    this.runs.push(`account ${owner.id}`);
    return owner.id;
  }

  @RequestCached()
  @ReadThrough('layered:{0}')
  async layered(id: number): Promise<{ id: number }> {
    this.runs.push(`layered ${id}`);
    return { id };
  }

  @Computed({ ttl: '1h' })
  sum(a: number, b: number): number {
    this.runs.push(`sum ${a} ${b}`);
    return a + b;
  }

  @Computed()
  async slow(a: string): Promise<{ a: string; at: Date }> {
    this.runs.push(`slow ${a}`);
    await Promise.resolve();
    if (a === 'bad') throw new Error('cannot compute');
    return { a, at: new Date(0) };
  }

  @Computed({ key: 'stats:{0.id}', maxEntries: 2 })
  async keyed(of: { id: number }): Promise<number> {
    this.runs.push(`keyed ${of.id}`);
    return of.id;
  }

  @Computed()
  money(cents: number): Money {
    this.runs.push(`money ${cents}`);
    return new Money(cents);
  }
}

describe('@RequestCached', () => {
  it('runs once per request and arguments, and hands out the very same object', async () => {
    const reports = (await boot([Reports])).get(Reports);
    await runInCacheContext({}, async () => {
      const [a, b] = await Promise.all([reports.user('1'), reports.user('1', undefined)]);
      expect(a).toBe(b);
      await reports.user('1', 'en');
      expect(reports.plain(1)).toBe(reports.plain(1));
    });
    await runInCacheContext({}, () => reports.user('1'));
    expect(reports.runs).toEqual(['user 1', 'user 1', 'plain 1', 'user 1']);
  });

  it('simply runs without a request', async () => {
    const reports = (await boot([Reports])).get(Reports);
    await reports.user('1');
    await reports.user('1');
    expect(reports.runs).toHaveLength(2);
  });

  it('forgets a failure within the request', async () => {
    const reports = (await boot([Reports])).get(Reports);
    await runInCacheContext({}, async () => {
      await expect(reports.user('bad')).rejects.toThrow('no such user');
      await expect(reports.user('bad')).rejects.toThrow('no such user');
    });
    expect(reports.runs).toHaveLength(2);
  });

  it('tells 1 from "1" where the arguments are the key, and objects by a named key', async () => {
    const reports = (await boot([Reports])).get(Reports);
    await runInCacheContext({}, async () => {
      reports.plain(1);
      reports.plain('1' as never);
      await reports.account({ id: 7 });
      await reports.account({ id: 7 });
    });
    expect(reports.runs).toEqual(['plain 1', 'plain 1', 'account 7']);
  });

  it('stands before the pattern', async () => {
    const app = await boot([Reports]);
    const reports = app.get(Reports);
    let hits = 0;
    app.get(CacheEvents).on('hit', () => (hits += 1));
    // So soon after the load that Redis may still be taking the value.
    app.get(CacheEvents).on('joined', () => (hits += 1));
    await runInCacheContext({}, async () => {
      await reports.layered(1);
      await reports.layered(1);
    });
    expect(hits).toBe(0);
    await runInCacheContext({}, () => reports.layered(1));
    expect([hits, reports.runs.length]).toEqual([1, 1]);
  });

  it('keeps an inner context apart, with the holes of the outer', async () => {
    const reports = (await boot([Reports])).get(Reports);
    await runInCacheContext({ tenant: 'a' }, async () => {
      await reports.user('1');
      await runInCacheContext({}, () => reports.user('1'));
    });
    expect(reports.runs).toHaveLength(2);
  });
});

describe('@Computed', () => {
  it('remembers plain results per instance and arguments', async () => {
    const app = await boot([Reports, { provide: 'other', useClass: Reports }]);
    const [reports, other] = [app.get(Reports), app.get<Reports>('other')];
    expect([reports.sum(1, 2), reports.sum(1, 2), reports.sum(2, 1), other.sum(1, 2)]).toEqual([3, 3, 3, 3]);
    expect(reports.runs).toEqual(['sum 1 2', 'sum 2 1']);
    expect(other.runs).toEqual(['sum 1 2']);
  });

  it('runs an asynchronous computation once for all who wait, and forgets a failure', async () => {
    const reports = (await boot([Reports])).get(Reports);
    const [a, b] = await Promise.all([reports.slow('x'), reports.slow('x')]);
    expect([a, b]).toEqual([
      { a: 'x', at: new Date(0) },
      { a: 'x', at: new Date(0) },
    ]);
    const again = reports.slow('x');
    expect(again).toBeInstanceOf(Promise);
    (await again).at.setTime(9);
    expect((await reports.slow('x')).at).toEqual(new Date(0));
    await expect(reports.slow('bad')).rejects.toThrow('cannot compute');
    await expect(reports.slow('bad')).rejects.toThrow('cannot compute');
    expect(reports.runs).toEqual(['slow x', 'slow bad', 'slow bad']);
  });

  it('keeps at most maxEntries, least recently used first out', async () => {
    const reports = (await boot([Reports])).get(Reports);
    for (const id of [1, 2, 1, 3, 1, 2]) await reports.keyed({ id });
    expect(reports.runs).toEqual(['keyed 1', 'keyed 2', 'keyed 3', 'keyed 2']);
  });

  it('returns what it cannot share uncached, and says so', async () => {
    const app = await boot([Reports]);
    const told: string[] = [];
    app.get(CacheEvents).on('uncached', ({ method }) => told.push(method));
    const reports = app.get(Reports);
    expect(reports.money(1)).toBeInstanceOf(Money);
    expect(reports.money(1)).toBeInstanceOf(Money);
    expect(reports.runs).toHaveLength(2);
    expect(told).toEqual(['Reports.money', 'Reports.money']);
  });
});
