import { describe, expect, it } from 'vitest';
import { CacheService, defineKey } from '@datapunk/cache';
import { boot } from '../../support/boot.js';

const itemKey = defineKey('item:{id}').holds<string>();

describe('bad input at a call', () => {
  const start = async () => (await boot([])).get(CacheService);

  it.each<[string, (cache: CacheService) => Promise<unknown>, Record<string, unknown>, RegExp]>([
    ['key outside the grammar', (c) => c.get('user'), { code: 'KEY_GRAMMAR' }, /user/],
    ['key of the coordination room', (c) => c.get('coord:lake:lock:x'), { code: 'KEY_GRAMMAR' }, /coord/],
    ['key too long', (c) => c.get(`user:${'x'.repeat(600)}`), { code: 'KEY_TOO_LONG' }, /at most 512/],
    ['undefined', (c) => c.set('user:1', undefined as never), { code: 'SERIALIZATION' }, /Use null/],
    [
      'function',
      (c) => c.set('user:1', { deep: [() => 1] } as never),
      { code: 'SERIALIZATION', path: '$.deep[0]' },
      /function/,
    ],
    [
      'class instance',
      (c) => c.set('user:1', { at: new URL('http://localhost') } as never),
      { code: 'SERIALIZATION', path: '$.at' },
      /URL/,
    ],
    [
      'bad ttl',
      (c) => c.set('user:1', 1, { ttl: '5 minutes' as never }),
      { code: 'CONFIG' },
      /options\.ttl: "5 minutes"/,
    ],
    [
      'unknown policy',
      (c) => c.readThrough('user:1', async () => 1, { policy: 'x' }),
      { code: 'CONFIG' },
      /no policy 'x'/,
    ],
    ['wrong definition part', async () => itemKey({ nope: 1 } as never), { code: 'KEY_VALUE' }, /id/],
  ])('refuses %s with its error', async (_name, call, shape, message) => {
    const cache = await start();
    const error = await call(cache).then(
      () => undefined,
      (e: Error) => e,
    );
    expect(error).toMatchObject(shape);
    expect(error?.message).toMatch(message);
  });

  it('refuses a cyclic value with its path', async () => {
    const cache = await start();
    const cyclic: Record<string, unknown> = { a: {} };
    (cyclic.a as Record<string, unknown>).self = cyclic;
    await expect(cache.set('user:1', cyclic as never)).rejects.toMatchObject({
      code: 'SERIALIZATION',
      path: '$.a.self',
    });
  });

  it('removes nothing when one of several keys is wrong', async () => {
    const cache = await start();
    await cache.set('user:1', 'kept');
    await expect(cache.delete('user:1', 'nonsense')).rejects.toThrow();
    expect(await cache.get('user:1')).toBe('kept');
  });
});
