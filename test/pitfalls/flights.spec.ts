import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CacheService, ReadThrough } from '@datapunk/cache';
import { backend, isShared } from '../support/backends.js';
import { boot } from '../support/boot.js';
import { eventually } from '../support/redis/wait.js';

@Injectable()
class Rows {
  runs = 0;
  broken = false;

  @ReadThrough('pitrow:{0}', { ttl: '300ms' })
  async find(id: number): Promise<string> {
    this.runs += 1;
    await Promise.resolve();
    if (this.broken) throw new RangeError(`row ${id} is broken`);
    return `row ${id}, run ${this.runs}`;
  }

  @ReadThrough('method:{0}')
  async method(_id: number): Promise<unknown> {
    this.runs += 1;
    return () => 'no cache can keep this';
  }
}

describe('loads', () => {
  it('10 errors of the loader: are its own, reach the caller unchanged, and it ran once', async () => {
    const rows = (await boot([Rows])).get(Rows);
    rows.broken = true;
    await expect(rows.find(1)).rejects.toThrow(new RangeError('row 1 is broken'));
    expect(rows.runs).toBe(1);
  });

  it('13 a load that is done: what is removed right after it is loaded anew at once', async () => {
    const cache = (await boot([])).get(CacheService);
    let truth = 'old';
    const read = () => cache.readThrough('pitrow:1', async () => truth);
    for (let round = 0; round < 20; round += 1) {
      await read();
      truth = `new ${round}`;
      await cache.delete('pitrow:1');
      expect(await read()).toBe(truth);
    }
  });

  it('38 a step that fails after the load: leaves no lock, here or in another process', async () => {
    const one = (await boot([Rows])).get(Rows);
    const other = isShared ? (await boot([Rows])).get(Rows) : one;
    one.broken = true;
    await expect(one.find(2)).rejects.toThrow('row 2 is broken');
    // What cannot be kept fails after the load, when it is to be kept.
    expect(await one.method(3)).toBeTypeOf('function');
    one.broken = false;
    const began = performance.now();
    expect(await other.find(2)).toMatch(/^row 2/);
    expect(await other.method(3)).toBeTypeOf('function');
    expect(await one.find(2)).toMatch(/^row 2/);
    // A lease that was left would hold them for its thirty seconds.
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('43 one write path: what a crowd waited for ends at its time as well', async () => {
    const rows = (await boot([Rows])).get(Rows);
    const crowd = await Promise.all(Array.from({ length: 20 }, () => rows.find(4)));
    expect(new Set(crowd)).toEqual(new Set(['row 4, run 1']));
    await eventually(`${backend} ends it`, async () => (await rows.find(4)) !== 'row 4, run 1', 3_000);
    expect(rows.runs).toBe(2);
  });
});
