import { Test } from '@nestjs/testing';
import { describe, expect, it, vi } from 'vitest';
import { CacheConfigError, CacheService } from '@datapunk/cache';
import { CacheFaults, DatapunkCacheTestingModule } from '@datapunk/cache/testing';
import { closeAfterwards } from '../../support/boot.js';

async function start() {
  const module = closeAfterwards(
    await Test.createTestingModule({ imports: [DatapunkCacheTestingModule.forRoot()] }).compile(),
  );
  await module.init();
  return { cache: module.get(CacheService), faults: module.get(CacheFaults) };
}

describe('the faults of the testing module', () => {
  it('let memory forget what it is asked for', async () => {
    const { cache, faults } = await start();
    const load = vi.fn(async () => 1);
    await cache.readThrough('town:1', load);
    await cache.readThrough('town:1', load);
    expect(load).toHaveBeenCalledTimes(1);
    const end = faults.hot.drop({ key: 'app:test:town:1' });
    await cache.readThrough('town:1', load);
    expect(load).toHaveBeenCalledTimes(2);
    end();
    await cache.readThrough('town:1', load);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it('refuse those of places that an embedded application has not', async () => {
    const { faults } = await start();
    expect(() => faults.shared.error()).toThrow(CacheConfigError);
    expect(() => faults.bus.drop()).toThrow(/embedded/);
  });

  it('may be made before the application is', () => {
    expect(() => new CacheFaults().shared.delay('10ms')).not.toThrow();
  });

  it('refuse options that mean nothing', () => {
    const faults = new CacheFaults();
    expect(() => faults.shared.delay(0)).toThrow(/faults\.shared\.delay/);
    expect(() => faults.shared.drop({ share: 0 })).toThrow(/share 0 is not above 0/);
    expect(() => faults.hot.drop({ times: 1.5 })).toThrow(/times 1\.5/);
    expect(() => faults.shared.drop({ on: 'reads' as 'read' })).toThrow(/neither 'read'/);
  });

  it('strike the share they are told to', async () => {
    let drawn = 0;
    const faults = new CacheFaults({ random: () => drawn });
    const module = closeAfterwards(
      await faults.into(Test.createTestingModule({ imports: [DatapunkCacheTestingModule.forRoot()] })).compile(),
    );
    await module.init();
    const cache = module.get(CacheService);
    const load = vi.fn(async () => 1);
    await cache.readThrough('town:1', load);
    faults.hot.drop({ share: 0.5 });
    drawn = 0.5;
    await cache.readThrough('town:1', load);
    expect(load).toHaveBeenCalledTimes(1);
    drawn = 0.49;
    await cache.readThrough('town:1', load);
    expect(load).toHaveBeenCalledTimes(2);
  });
});
