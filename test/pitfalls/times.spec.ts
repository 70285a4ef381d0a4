import { describe, expect, it } from 'vitest';
import { CacheService } from '@datapunk/cache';
import { boot } from '../support/boot.js';
import { pause } from '../support/redis/wait.js';

describe('lifetimes', () => {
  it.each(['25d', '90d', 'forever'] as const)(
    '18 timers of %s: end nothing early, and do not fire at once',
    async (ttl) => {
      const warned: Error[] = [];
      const note = (warning: Error) => warned.push(warning);
      process.on('warning', note);
      const cache = (await boot([])).get(CacheService);
      await cache.set('pitrow:1', 'kept', { ttl });
      await pause(30);
      const read = await cache.readThrough('pitrow:1', async () => 'loaded');
      process.off('warning', note);
      expect(read).toBe('kept');
      expect(warned.filter(({ name }) => name === 'TimeoutOverflowWarning')).toEqual([]);
    },
  );
});
