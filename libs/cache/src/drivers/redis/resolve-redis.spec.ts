import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../core/errors.js';
import { resolveRedis } from './resolve-redis.js';

const BOOT = { required: true, timeoutMs: 5_000, tracking: false };
const OPEN = { username: undefined, password: undefined, tls: undefined };
const ONE = { kind: 'standalone', host: 'host', port: 6379, db: 0, family: 0, ...OPEN, ...BOOT };
const CLUSTER = { kind: 'cluster', nodes: [{ host: 'a', port: 7000 }], ...OPEN, ...BOOT };
const client = { get: async () => null, quit: async () => 'OK', on: () => undefined };

describe('redis', () => {
  it.each([{}, { redis: false }, { service: 'lake' }])('absent or false means embedded: %j', (options) => {
    expect(resolveRedis(options)).toBeUndefined();
  });

  it.each<[unknown, object]>([
    ['redis://host', ONE],
    [{ url: 'host' }, ONE],
    [{ url: 'rediss://u:p@host:1/2' }, { ...ONE, port: 1, db: 2, username: 'u', password: 'p', tls: {} }],
    [
      { url: 'redis://u:p@host', username: 'v', password: 'q' },
      { ...ONE, username: 'v', password: 'q' },
    ],
    [{ url: 'redis://u@host' }, { ...ONE, username: 'u', password: '' }],
    [{ url: 'host', username: '', password: undefined, tls: undefined }, ONE],
    [
      { url: 'host', tls: true, required: false, timeout: '250ms', tracking: true },
      { ...ONE, tls: {}, required: false, timeoutMs: 250, tracking: true },
    ],
    [
      { url: 'rediss://host', tls: { ca: 'x' } },
      { ...ONE, tls: { ca: 'x' } },
    ],
    [{ url: 'host', tls: false }, ONE],
    [{ nodes: ['a:7000'] }, CLUSTER],
    [{ nodes: [{ host: 'a', port: 7000 }] }, CLUSTER],
    [
      { nodes: ['rediss://:p@a:7000', 'rediss://b'] },
      {
        ...CLUSTER,
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
        ],
        password: 'p',
        tls: {},
      },
    ],
    [
      { sentinels: ['redis://:s@a', { host: '::1', port: 1 }], name: 'lake', password: 'p' },
      {
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 26_379 },
          { host: '::1', port: 1 },
        ],
        name: 'lake',
        sentinelUsername: undefined,
        sentinelPassword: 's',
        ...OPEN,
        password: 'p',
        ...BOOT,
      },
    ],
    [
      { client, required: false },
      { ...BOOT, kind: 'client', client, required: false },
    ],
  ])('%j is resolved', (redis, resolved) => {
    expect(resolveRedis({ redis })).toEqual(resolved);
    expect(resolveRedis({ redis })).toSatisfy(Object.isFrozen);
  });

  it('is seen where a class of options inherits it', () => {
    const options: object = Object.create({ redis: undefined });
    expect(() => resolveRedis(options)).toThrow(CacheConfigError);
  });

  it.each<[unknown, RegExp]>([
    [
      undefined,
      /^forRoot\.redis: undefined is no address\. Is a variable such as REDIS_URL unset\? Set it, or write false/,
    ],
    ['', /^forRoot\.redis: "" is no address/],
    ['  ', /^forRoot\.redis: " {2}" is no address/],
    [null, /^forRoot\.redis: null is no address/],
    [true, /^forRoot\.redis: true is not valid: write a URL .*\{ nodes: .* \{ sentinels: .* or \{ client \}/],
    [['a'], /^forRoot\.redis: an array is not valid/],
    ['http://host', /^forRoot\.redis: "http:\/\/host" is no address: write 'redis:\/\//],
    [{}, /^forRoot\.redis: write a URL/],
    [{ url: undefined }, /^forRoot\.redis\.url: undefined is no address/],
    [{ url: '' }, /^forRoot\.redis\.url: "" is no address/],
    [{ url: 'redis://:hush@host:x' }, /^forRoot\.redis\.url: a text of 20 characters is no address/],
    [{ url: 'a', nodes: ['b'] }, /^forRoot\.redis: url and nodes exclude each other/],
    [
      { url: 'a', pasword: 'hush' },
      /^forRoot\.redis\.pasword: there is no option 'pasword' beside url\. Known options: url, .*password/,
    ],
    [{ client, password: 'hush' }, /^forRoot\.redis\.password: there is no option 'password' beside client/],
    [{ url: 'a', tracking: 'app:' }, /^forRoot\.redis\.tracking: "app:" is not valid: write true or false/],
    [{ url: 'a', required: 'no' }, /^forRoot\.redis\.required: "no" is not valid: write true or false/],
    [{ url: 'a', timeout: 'soon' }, /^forRoot\.redis\.timeout: "soon" is not a duration/],
    [{ url: 'a', timeout: 0 }, /^forRoot\.redis\.timeout: 0 is not valid: write more than 0/],
    [{ url: 'a', username: 7 }, /^forRoot\.redis\.username: a number is not valid: write a text/],
    [{ url: 'a', password: 1234567 }, /^forRoot\.redis\.password: a number is not valid: write a text/],
    [
      { url: 'a', tls: 'yes' },
      /^forRoot\.redis\.tls: "yes" is not valid: write true, false or the options of tls\.connect/,
    ],
    [{ url: 'rediss://a', tls: false }, /^forRoot\.redis\.tls: false contradicts rediss:\/\//],
    [{ nodes: [] }, /^forRoot\.redis\.nodes: an empty list is not valid: write a list of addresses: \['host:6379'/],
    [{ nodes: 'a:1,b:2' }, /^forRoot\.redis\.nodes: a text is not valid: write a list/],
    [{ nodes: ['a', ''] }, /^forRoot\.redis\.nodes\[1\]: "" is no address/],
    [{ nodes: ['a', undefined] }, /^forRoot\.redis\.nodes\[1\]: undefined is no address/],
    [{ nodes: [{ host: 'a', port: 0 }] }, /^forRoot\.redis\.nodes\[0\]: an object is no address/],
    [{ nodes: [{ host: 'a b', port: 1 }] }, /^forRoot\.redis\.nodes\[0\]: an object is no address/],
    [{ nodes: [{ host: 'a' }] }, /^forRoot\.redis\.nodes\[0\]: an object is no address/],
    [{ nodes: ['a/1'] }, /^forRoot\.redis\.nodes\[0\]: no database can be chosen here/],
    [{ nodes: ['redis://:hush@a', 'redis://:other@b'] }, /^forRoot\.redis\.nodes: users or passwords differ/],
    [{ nodes: ['rediss://a', 'redis://b'] }, /^forRoot\.redis\.nodes: some say rediss:\/\//],
    [{ sentinels: ['a'] }, /^forRoot\.redis\.name: undefined is not valid: write the name/],
    [{ sentinels: [], name: 'x' }, /^forRoot\.redis\.sentinels: an empty list is not valid: .*'host:26379'/],
    [{ client: undefined }, /^forRoot\.redis\.client: undefined is no client: write an ioredis/],
  ])('%j is refused with path, value and remedy', (redis, message) => {
    const attempt = () => resolveRedis({ redis });
    expect(attempt).toThrow(CacheConfigError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/hush|1234567/);
  });
});
