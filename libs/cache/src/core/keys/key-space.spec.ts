import { describe, expect, it } from 'vitest';
import { CacheConfigError, CacheKeyError } from '../errors.js';
import { KeySpace } from './key-space.js';

const space = new KeySpace('lake', ['other']);

describe('KeySpace', () => {
  it.each([
    ['product:1', 'product:1', 'app:lake:product:1', 'product'],
    ['app:lake:product:1', 'product:1', 'app:lake:product:1', 'product'],
    ['product:1:full', 'product:1:full', 'app:lake:product:1:full', 'product'],
    ['app:lake:product:%C3%A9,%-:%_', 'product:%C3%A9,%-:%_', 'app:lake:product:%C3%A9,%-:%_', 'product'],
    ['app:other:product:1', 'app:other:product:1', 'app:other:product:1', 'product'],
    ['product:u_%_', 'product:u_%_', 'app:lake:product:u_%_', 'product'],
    ['application:1', 'application:1', 'app:lake:application:1', 'application'],
  ])('knows %s by one id', (key, id, full, entity) => {
    expect(space.normalize(key)).toBe(id);
    expect(space.normalize(full)).toBe(id);
    expect(space.full(id)).toBe(full);
    expect(space.entity(id)).toBe(entity);
  });

  it.each([
    ['product:%41', "'%41' escapes 'A', which stands for itself"],
    ['product:%C3%A9%2D', "'%C3%A9%2D' escapes '-', which stands for itself"],
    ['product:%c3%a9', 'is not escaped'],
    ['product:%FF', "'%FF' is not UTF-8"],
    ['product:%C3x%A9', "'%C3' is not UTF-8"],
    ['product:%_%_', 'is not escaped'],
    ['product:%20%-', 'is not escaped'],
    ['product:%', 'is not escaped'],
    ['product:a b', 'is not escaped'],
    ['product:{0}', 'is not escaped'],
    ['product:é', 'is not escaped'],
    ['product:a\n', 'is not escaped'],
    ['product::1', "an empty value is written '%_'"],
    ['product', 'a key reads entity:id'],
    ['', 'a key reads entity:id'],
    ['a:b:c:d', 'a key reads entity:id'],
    ['app:lake:product', 'a key reads entity:id'],
    ['app:lake:a:b:c:d', 'a key reads entity:id'],
    ['app', 'a key reads entity:id'],
    ['%20:1', 'the entity "%20" holds other'],
    ['app::product:1', 'the service "" holds other'],
    ['app:third:product:1', "'third' is neither this service ('lake') nor one of foreignServices"],
    ['coord:lake:lock:x', "'coord:' is kept for the cache's own use"],
  ])('refuses %j', (key, why) => {
    expect(() => space.normalize(key)).toThrow(CacheKeyError);
    expect(() => space.normalize(key)).toThrow(why);
  });

  it.each([[undefined], [7], [null], [() => 'product:1']])('refuses %s, as JavaScript may pass it', (key) => {
    expect(() => space.normalize(key as never)).toThrow(/a key must be a string/);
  });

  it('takes a full key of 512 bytes and refuses one of 513, short or full, built or given', () => {
    const longest = `p:${'x'.repeat(512 - 'app:lake:p:'.length)}`;
    for (const take of [(key: string) => space.normalize(key), (key: string) => space.fit(key)]) {
      expect(take(longest)).toBe(longest);
      expect(() => take(`${longest}x`)).toThrow(expect.objectContaining({ code: 'KEY_TOO_LONG' }));
    }
    expect(space.normalize(`app:lake:${longest}`)).toBe(longest);
    expect(() => space.normalize(`app:lake:${longest}x`)).toThrow(/513 bytes long, at most 512/);
    expect(space.fit(`app:other:p:${'x'.repeat(500)}`)).toHaveLength(512);
    expect(() => space.fit(`app:other:p:${'x'.repeat(501)}`)).toThrow(/513 bytes/);
  });

  it('reads templates as ids are built', () => {
    expect(space.template('app:lake:user:{0}')).toMatchObject({ head: 'user:', shape: 'user:{}' });
    expect(space.template('user:{0}')).toMatchObject({ head: 'user:', shape: 'user:{}' });
    expect(space.template('app:other:user:{0}').shape).toBe('app:other:user:{}');
    expect(() => space.template('app:third:user:{0}')).toThrow("'third' is neither");
  });

  it.each(['', 'a b', 'a:b', '{x}', undefined])('refuses a service named %j', (name) => {
    expect(() => new KeySpace(name as never)).toThrow(CacheConfigError);
    expect(() => new KeySpace('lake', [name as never])).toThrow(CacheConfigError);
  });
});
