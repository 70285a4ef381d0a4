import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CacheEvents,
  CacheService,
  CacheTimeoutError,
  ReadThrough,
  type CacheEventType,
  type CacheModuleOptions,
  type EventOf,
} from '@datapunk/cache';
import { CacheFaults } from '@datapunk/cache/testing';
import { backend, full } from '../../support/backends.js';
import { closeAfterwards, rootModule } from '../../support/boot.js';

let runs = 0;
beforeEach(() => (runs = 0));

/** A key that no other test has. */
let count = 0;
const newId = () => ++count + process.pid * 1_000;

@Injectable()
class Towns {
  @ReadThrough('fault-town:{0}')
  async find(id: number): Promise<string> {
    runs += 1;
    return `town ${id}`;
  }
}

async function start(options: Partial<CacheModuleOptions> = {}) {
  const faults = new CacheFaults();
  const builder = Test.createTestingModule({ imports: [rootModule({ providers: [Towns] }, options)] });
  const app = closeAfterwards(await faults.into(builder).compile());
  await app.init();
  const told: { [T in CacheEventType]?: EventOf<T>[] } = {};
  const hear = <T extends CacheEventType>(type: T) => {
    app.get(CacheEvents).on(type, (event) => ((told[type] ??= []) as EventOf<T>[]).push(event));
  };
  const types = ['layer-failed', 'unreadable', 'gap', 'bus-lost', 'bus-ready', 'deferred', 'recovered'] as const;
  for (const type of [...types, 'hit', 'stored', 'shared-breaker-opened'] as const) hear(type);
  return { faults, told, towns: app.get(Towns), cache: app.get(CacheService) };
}

const eventually = (ask: () => unknown): Promise<unknown> => vi.waitFor(ask, { timeout: 15_000, interval: 10 });

const timed = async <T>(work: Promise<T>): Promise<number> => {
  const began = performance.now();
  await work;
  return performance.now() - began;
};

describe('faults of the shared layer', () => {
  it('strike nothing until they are made, and nothing once they are healed', async () => {
    const { faults, towns, told } = await start();
    const id = newId();
    await towns.find(id);
    faults.shared.error();
    faults.heal();
    faults.hot.drop();
    await eventually(() => expect(told.stored).toHaveLength(1));
    await towns.find(id);
    expect(runs).toBe(1);
    expect(told['layer-failed']).toBeUndefined();
  });

  it('error: reads go to their source and say so, deletes are made up for', async () => {
    const { faults, towns, cache, told } = await start();
    const id = newId();
    const error = new Error('out of order');
    const end = faults.shared.error(error);
    expect(await towns.find(id)).toBe(`town ${id}`);
    expect(told['layer-failed']?.[0]?.error).toMatchObject({ cause: error });
    await cache.delete(`fault-town:${id}`);
    expect(told.deferred).toHaveLength(1);
    end();
    await eventually(() => expect(told.recovered).toHaveLength(1));
  });

  it('delay: an answer comes so much later', async () => {
    const { faults, cache } = await start();
    faults.shared.delay(60, { on: 'read' });
    expect(await timed(cache.get(`fault-town:${newId()}`))).toBeGreaterThanOrEqual(55);
  });

  it('drop: no answer comes, and nobody waits longer than his patience', async () => {
    const breaker = { failures: 2, retryAfter: '1h' } as const;
    const { faults, towns, told } = await start({ protection: { patience: '200ms', breaker } });
    const id = newId();
    faults.shared.drop({ key: full(`fault-town:${id}`) });
    const ms = await timed(towns.find(id));
    expect(ms).toBeGreaterThanOrEqual(195);
    expect(ms).toBeLessThan(900);
    expect(told['layer-failed']?.[0]?.error).toBeInstanceOf(CacheTimeoutError);
    expect(runs).toBe(1);
    await eventually(async () => {
      await towns.find(id);
      expect(told['shared-breaker-opened']).toHaveLength(1);
    });
  });

  it('corrupt: what was read is a miss, is told, and is loaded anew', async () => {
    const { faults, towns, told } = await start();
    const id = newId();
    await towns.find(id);
    faults.hot.drop();
    // Until the fill has reached Redis nothing is there to be damaged.
    await eventually(() => expect(told.stored).toHaveLength(1));
    faults.shared.corrupt({ key: full(`fault-town:${id}`) });
    expect(await towns.find(id)).toBe(`town ${id}`);
    expect(runs).toBe(2);
    expect(told.unreadable?.[0]).toMatchObject({ key: full(`fault-town:${id}`), reason: 'checksum' });
  });

  it('strike so many times, and only what they are for', async () => {
    const { faults, towns, told } = await start();
    const [id, other] = [newId(), newId()];
    faults.shared.error(undefined, { on: 'read', times: 1, key: (key) => key === full(`fault-town:${id}`) });
    await towns.find(other);
    expect(told['layer-failed']).toBeUndefined();
    await towns.find(id);
    expect(told['layer-failed']).toHaveLength(1);
    await towns.find(id);
    expect(told['layer-failed']).toHaveLength(1);
  });
});

/** What keeps nothing in memory has nothing that a lost message could leave there. */
const [NEAR, UNTOLD] = backend === 'cold' ? ['shared', 'new'] : ['hot', 'old'];

describe('faults of the bus', () => {
  /** Two applications, and a value that both have in memory. */
  async function two() {
    const [here, there] = [await start(), await start()];
    const id = newId();
    const key = `fault-town:${id}`;
    await here.cache.set(key, 'old');
    // What is told of the first value may come after it was read, and then memory does not keep it.
    await eventually(async () => {
      expect(await there.cache.get(key)).toBe('old');
      expect(there.told.hit?.at(-1)?.layer).toBe(NEAR);
    });
    return { here, there, key };
  }

  it('delay: what was changed is stale until the message comes', async () => {
    const { here, there, key } = await two();
    there.faults.bus.delay('200ms', { key: full(key) });
    await here.cache.set(key, 'new');
    expect(await there.cache.get(key)).toBe(UNTOLD);
    await eventually(async () => expect(await there.cache.get(key)).toBe('new'));
    expect(there.told.gap).toBeUndefined();
  });

  it.each(['drop', 'corrupt'] as const)('%s: the lost message is missed, and made good', async (fault) => {
    const { here, there, key } = await two();
    const served: unknown[] = [];
    // An application that has just begun to tell is doubted once, and what it told is asked for anew then.
    for (const value of ['new', 'newer', 'newest']) {
      there.faults.bus[fault]({ key: full(key), times: 1 });
      await here.cache.set(key, value);
      served.push(await there.cache.get(key));
      await eventually(async () => expect(await there.cache.get(key)).toBe(value));
    }
    if (UNTOLD === 'old') expect(served).not.toEqual(['new', 'newer', 'newest']);
  });

  it('error: the process knows that it hears nothing, until it does again', async () => {
    const { here, there, key } = await two();
    const end = there.faults.bus.error('cut by hand');
    expect(there.told['bus-lost']).toEqual([{ type: 'bus-lost', reason: 'cut by hand' }]);
    await here.cache.set(key, 'new');
    end();
    end();
    expect(there.told['bus-ready']).toHaveLength(1);
    expect(await there.cache.get(key)).toBe('new');
  });

  it('without a fault the message comes', async () => {
    const { here, there, key } = await two();
    await here.cache.set(key, 'new');
    await eventually(async () => expect(await there.cache.get(key)).toBe('new'));
    expect(there.told.gap).toBeUndefined();
  });
});
