import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { CacheSerializationError } from '../errors.js';
import { ComputedResults } from './computed-results.js';

function start(limits: { ttl?: number; maxEntries?: number } = {}) {
  const clock = new FakeClock();
  return { clock, results: new ComputedResults(clock, { ttl: 1_000, maxEntries: 3, ...limits }) };
}

describe('computed results', () => {
  it.each([null, 0, '', false, { id: 1 }])('keep %j', (value) => {
    const { results } = start();
    expect(results.keep('a', value)).toEqual(value);
    expect(results.find('a')).toEqual({ view: value });
    expect(results.find('b')).toBeUndefined();
  });

  it('do not keep undefined', () => {
    const { results } = start();
    expect(results.keep('a', undefined)).toBeUndefined();
    expect(results.find('a')).toBeUndefined();
  });

  it('keep until their time is over, not longer and not for being asked', () => {
    const { results, clock } = start();
    results.keep('a', 1);
    clock.advance(999);
    expect(results.find('a')).toEqual({ view: 1 });
    clock.advance(1);
    expect(results.find('a')).toBeUndefined();
    expect(results.find('a')).toBeUndefined();
  });

  it('keep for ever if told so', () => {
    const { results, clock } = start({ ttl: Number.POSITIVE_INFINITY });
    results.keep('a', 1);
    clock.advance(1e12);
    expect(results.find('a')).toEqual({ view: 1 });
  });

  it('replace a result and its time', () => {
    const { results, clock } = start();
    results.keep('a', 1);
    clock.advance(900);
    results.keep('a', 2);
    clock.advance(900);
    expect(results.find('a')).toEqual({ view: 2 });
  });

  it('let go of the one used longest ago', () => {
    const { results } = start();
    for (const key of ['a', 'b', 'c']) results.keep(key, key);
    results.find('a');
    results.keep('b', 'B');
    results.keep('d', 'd');
    expect(['a', 'b', 'c', 'd'].filter((key) => results.find(key) !== undefined)).toEqual(['a', 'b', 'd']);
  });

  it('are safe from their callers', () => {
    const { results } = start();
    const computed = { list: [1], at: new Date(5) };
    const given = results.keep('a', computed) as typeof computed;
    computed.list.push(2);
    given.at.setTime(6);
    expect(() => given.list.push(3)).toThrow(TypeError);
    expect(results.find('a')).toEqual({ view: { list: [1], at: new Date(5) } });
  });

  it('refuse what cannot be kept and stay as they are', () => {
    const { results } = start();
    results.keep('a', 1);
    expect(() => results.keep('a', () => 1)).toThrow(CacheSerializationError);
    expect(results.find('a')).toEqual({ view: 1 });
  });
});
