import { Injectable, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  CacheService,
  currentLoad,
  defineKey,
  Evict,
  Locked,
  RateLimited,
  ReadThrough,
  RequestCached,
  Retried,
  runInCacheContext,
} from '@datapunk/cache';
import { DatapunkCacheTestingModule, EventRecorder, FakeClock } from '@datapunk/cache/testing';
import { closeAfterwards } from '../../support/boot.js';

afterEach(() => vi.restoreAllMocks());

const RUNS: string[] = [];
const ran = (what: string): string => {
  RUNS.push(what);
  return what;
};

@Injectable()
class Inner {
  @ReadThrough('inner:{@tenant}')
  async mine(): Promise<string> {
    return ran('inner');
  }
}

const aboveKey = defineKey('above:{id}').holds<string>();

class Above {
  @ReadThrough(aboveKey)
  async overridden(_id: number): Promise<string> {
    return ran('above');
  }
}

@Injectable()
class Reads extends Above {
  constructor(private readonly inner: Inner) {
    super();
  }

  @ReadThrough('plain:{0}')
  async plain(id: number): Promise<string> {
    return ran(`plain ${id} ${currentLoad()?.key}`);
  }

  @Retried('bank', { attempts: 2 })
  @ReadThrough('retried:{0}')
  async retried(_id: number): Promise<string> {
    return ran('retried');
  }

  @RateLimited({ name: 'calls', limit: 100, per: '1s' })
  @ReadThrough('called:{0}')
  async limited(_id: number): Promise<string> {
    return ran('limited');
  }

  @ReadThrough('context:{@tenant}')
  async context(): Promise<string> {
    return ran(`context of ${await this.inner.mine()}`);
  }

  @ReadThrough('evicting:{0}')
  @Evict('plain:{0}')
  async evicting(_id: number): Promise<string> {
    return ran('evicting');
  }

  @ReadThrough('locked:{0}')
  @Locked('bank')
  async locked(_id: number): Promise<string> {
    return ran('locked');
  }

  @RateLimited({ name: 'loads', limit: 100, per: '1s', at: 'load' })
  @ReadThrough('counted:{0}')
  async counted(_id: number): Promise<string> {
    return ran('counted');
  }

  @RequestCached()
  @ReadThrough('requested:{0}')
  async requested(_id: number): Promise<string> {
    return ran('requested');
  }

  @ReadThrough(aboveKey)
  override async overridden(id: number): Promise<string> {
    return ran(await super.overridden(id));
  }
}

type Options = Parameters<typeof DatapunkCacheTestingModule.forRoot>[0];

async function start(options: Options = { staleness: { sample: 1, perSecond: 100 } }) {
  const module = closeAfterwards(
    await Test.createTestingModule({
      imports: [DatapunkCacheTestingModule.forRoot({ context: { tenant: () => undefined }, ...options })],
      providers: [Reads, Inner],
    }).compile(),
  );
  await module.init();
  RUNS.length = 0;
  const clock = module.get(FakeClock);
  const pass = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { module, reads: module.get(Reads), cache: module.get(CacheService), told: module.get(EventRecorder), pass };
}

type World = Awaited<ReturnType<typeof start>>;

/** Reads, and reads again when the value is no longer believed. The runs of both, and of what was compared. */
async function runsOf({ pass }: World, read: () => Promise<unknown>): Promise<readonly string[]> {
  await read();
  await pass(2_000);
  await read();
  await pass(0);
  return [...RUNS];
}

describe('a hit is compared by its own call', () => {
  it('with the same arguments, as a load', async () => {
    const world = await start();
    const run = 'plain 7 app:test:plain:7';
    expect(await runsOf(world, () => world.reads.plain(7))).toEqual([run, run]);
    expect(world.told.of('hit-compared')).toMatchObject([{ reader: 'Reads.plain', verdict: 'same' }]);
  });

  it('in its own context', async () => {
    const world = await start();
    const read = () => runInCacheContext({ tenant: 'acme' }, () => world.reads.context());
    expect(await runsOf(world, read)).toEqual(['inner', 'context of inner', 'context of inner']);
    expect(world.told.of('hit-compared').map(({ verdict }) => verdict)).toContain('same');
  });

  it.each(['retried', 'limited'] as const)('where the method is %s', async (method) => {
    const world = await start();
    expect(await runsOf(world, () => world.reads[method](1))).toEqual([method, method]);
  });
});

describe('a hit is never compared where the method', () => {
  it.each<['evicting' | 'locked' | 'counted' | 'requested', string]>([
    ['evicting', 'evicts'],
    ['locked', 'takes a lock'],
    ['counted', 'is counted when it loads'],
    ['requested', 'belongs to a request'],
  ])('%s: it %s', async (method) => {
    const world = await start();
    expect(await runsOf(world, () => world.reads[method](1))).toEqual([method]);
    expect(world.cache.staleness()).toEqual([]);
  });

  it('overrides a cached one, which would answer from the entry in question', async () => {
    const world = await start();
    expect(await runsOf(world, () => world.reads.overridden(1))).toEqual(['above', 'above']);
    expect(world.cache.staleness()).toEqual([]);
  });
});

describe('the meter', () => {
  it('is off in the testing module unless asked for', async () => {
    const world = await start({});
    for (let time = 0; time < 3_000; time += 1) await world.reads.plain(1);
    await world.pass(2_000);
    for (let time = 0; time < 3_000; time += 1) await world.reads.plain(1);
    await world.pass(300);
    expect(RUNS).toHaveLength(1);
  });

  it('looks at every thousandth hit or so where it is on without more words', async () => {
    const world = await start({ staleness: {} });
    await world.reads.plain(1);
    await world.pass(2_000);
    // The testing module's chance is always the middle one.
    for (let time = 0; time < 1_000; time += 1) await world.reads.plain(1);
    await world.pass(300);
    expect(world.cache.staleness()).toMatchObject([{ sampled: 1, compared: 1 }]);
  });

  it('warns once of a method that answers stale values', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const world = await start();
    for (const id of [1, 2]) {
      let row = 'old';
      const read = () => world.cache.readThrough(`ledger:${id}`, async () => row);
      await read();
      await world.pass(2_000);
      row = 'new';
      await read();
      await world.pass(0);
      await world.pass(300);
      expect(await read()).toBe('new');
    }
    expect(warn.mock.calls.map(([line]) => line)).toEqual([
      "ledger answered 'app:test:ledger:1' with what its source no longer says, for at most 2 s. The value was removed. Who changes the source without telling the cache?",
    ]);
  });

  it('asks nothing once the application ends', async () => {
    const world = await start();
    await world.reads.plain(1);
    await world.pass(2_000);
    await world.module.close();
    await world.reads.plain(1).catch(() => undefined);
    await world.pass(300);
    expect(world.told.of('hit-compared')).toEqual([]);
  });
});
