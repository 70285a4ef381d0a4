import { describe, expect, it } from 'vitest';
import { placeOf, readSettings } from './settings.js';

const NOTHING = { host: '127.0.0.1', port: 3000, databaseUrl: undefined, redis: false, memoryEntries: 250_000 };

describe('readSettings', () => {
  it('needs nothing', () => {
    expect(readSettings({})).toEqual(NOTHING);
  });

  it('takes an empty text as not set', () => {
    const names = ['HOST', 'PORT', 'DATABASE_URL', 'REDIS_URL', 'REDIS_NODES', 'MEMORY_ENTRIES'];
    expect(readSettings(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(NOTHING);
  });

  it.each(['x', '-1', '65536', '80.5'])('refuses PORT=%s', (PORT) => {
    expect(() => readSettings({ PORT })).toThrow(`PORT is '${PORT}'`);
  });

  it.each(['x', '0', '1.5'])('refuses MEMORY_ENTRIES=%s', (MEMORY_ENTRIES) => {
    expect(() => readSettings({ MEMORY_ENTRIES })).toThrow(`MEMORY_ENTRIES is '${MEMORY_ENTRIES}'`);
  });

  it.each(['redis://127.0.0.1:6379', 'rediss://user:secret@redis.example:6380/1', '127.0.0.1'])(
    'hands REDIS_URL=%s to the cache as it is',
    (REDIS_URL) => {
      expect(readSettings({ REDIS_URL, REDIS_NODES: '' }).redis).toBe(REDIS_URL);
    },
  );

  it.each(['a:7000,b:7001', ' a:7000 , b:7001 ,', 'a:7000,,b:7001'])('splits REDIS_NODES=%j', (REDIS_NODES) => {
    expect(readSettings({ REDIS_URL: '', REDIS_NODES }).redis).toEqual({ nodes: ['a:7000', 'b:7001'] });
  });

  it('refuses both, and shows neither', () => {
    const both = () => readSettings({ REDIS_URL: 'redis://:secret@a:6379', REDIS_NODES: 'b:7000' });
    expect(both).toThrow(/^REDIS_URL and REDIS_NODES are both set: give REDIS_URL .* or REDIS_NODES/);
    expect(both).not.toThrow(/secret/);
  });
});

describe('placeOf', () => {
  it.each([
    [{}, /^in this process alone/],
    [{ REDIS_URL: 'redis://:secret@a:6379' }, /the Redis of REDIS_URL$/],
    [{ REDIS_NODES: 'a:7000' }, /the Redis Cluster of REDIS_NODES$/],
  ])('says where answers are kept, and no address: %j', (environment, sentence) => {
    expect(placeOf(readSettings(environment))).toMatch(sentence);
    expect(placeOf(readSettings(environment))).not.toMatch(/secret|a:/);
  });
});
