import { describe, expect, it } from 'vitest';
import { parseKey } from './parse-key.js';

describe('parseKey', () => {
  it('reads application keys, short and full', () => {
    expect(parseKey('user:a%20b,%-,%_:x')).toEqual({
      root: 'app',
      service: undefined,
      entity: 'user',
      id: ['a b', undefined, ''],
      field: ['x'],
    });
    expect(parseKey('app:lake:user:u_%C3%A9')).toEqual({
      root: 'app',
      service: 'lake',
      entity: 'user',
      id: ['u_é'],
      field: undefined,
    });
  });

  it('reads the keys of retries, locks and limits', () => {
    expect(parseKey('mesh:lake:retry:payments.charge')).toEqual({
      root: 'mesh',
      service: 'lake',
      type: 'retry',
      identifier: ['payments.charge'],
    });
    expect(parseKey('coord:lake:ratelimit:login,10.0.0.1')).toMatchObject({
      root: 'coord',
      type: 'ratelimit',
      identifier: ['login', '10.0.0.1'],
    });
  });

  it.each(['', 'user', 'user:é', 'app:lake:user', 'coord:lake:lock', 'mesh::a:b'])('refuses %j', (key) => {
    expect(() => parseKey(key)).toThrow(expect.objectContaining({ code: 'KEY_GRAMMAR', name: 'CacheKeyError' }));
  });
});
