import { describe, expect, it } from 'vitest';
import { CacheService } from '@datapunk/cache';
import { isShared } from '../support/backends.js';
import { boot } from '../support/boot.js';

const LOOKS_LIKE = ['2026-11-23T00:00:00.000Z', '12n', '{"$":["date",1]}', 'NaN', '/a/g', 'null'];

describe('values', () => {
  it.each([[0], [-0], [false], [''], [null], [NaN], [0n], [[]]])(
    '1 falsy values: %s is found, and its loader not asked',
    async (value) => {
      const cache = (await boot([])).get(CacheService);
      const reader = isShared ? (await boot([])).get(CacheService) : cache;
      await cache.set('value:1', value as never);
      for (const one of [cache, reader]) {
        expect(await one.get('value:1')).toStrictEqual(value);
        expect(await one.readThrough('value:1', async () => 'loaded' as never)).toStrictEqual(value);
      }
    },
  );

  it('4 text that looks like another type: comes back as text', async () => {
    const writer = (await boot([])).get(CacheService);
    await writer.set('value:1', { LOOKS_LIKE, [LOOKS_LIKE[0] ?? '']: 1 } as never);
    const reader = isShared ? (await boot([])).get(CacheService) : writer;
    expect(await reader.get('value:1')).toStrictEqual({ LOOKS_LIKE, [LOOKS_LIKE[0] ?? '']: 1 });
  });
});
