import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../errors.js';
import type { CachePolicy } from './policy.js';
import { applyPolicy, DEFAULT_RULES } from './rules.js';

describe('a policy', () => {
  it('changes what it says and nothing else', () => {
    expect(applyPolicy(DEFAULT_RULES, undefined, 'x')).toBe(DEFAULT_RULES);
    expect(applyPolicy(DEFAULT_RULES, {}, 'x')).toEqual(DEFAULT_RULES);
    expect(applyPolicy(DEFAULT_RULES, { ttl: '10s' }, 'x')).toEqual({ ...DEFAULT_RULES, ttl: 10_000 });
    expect(applyPolicy(DEFAULT_RULES, { loadTimeout: { hard: 5 } }, 'x')).toEqual({ ...DEFAULT_RULES, loadTimeout: 5 });
    expect(applyPolicy(DEFAULT_RULES, { loadTimeout: {} }, 'x')).toEqual(DEFAULT_RULES);
    expect(applyPolicy(DEFAULT_RULES, { isolation: 'copy' }, 'x')).toEqual({ ...DEFAULT_RULES, isolation: 'copy' });
    expect(applyPolicy(DEFAULT_RULES, { level: 'strict' }, 'x')).toEqual({ ...DEFAULT_RULES, level: 'strict' });
    const undefineds = { ttl: undefined, loadTimeout: undefined, isolation: undefined, level: undefined };
    const kept = { maxEntrySize: 5, localTtl: 6 };
    const { stale, early } = DEFAULT_RULES;
    const lifetimes = { ttl: 1, nullTtl: 3, ttlOf: () => 4 } as const;
    const rules = { ...lifetimes, loadTimeout: 2, isolation: 'copy', level: 'relaxed', kept, stale, early } as const;
    expect(applyPolicy(DEFAULT_RULES, { maxEntrySize: '5b', localTtl: 6 }, 'x')).toEqual({ ...DEFAULT_RULES, kept });
    expect(applyPolicy(rules, undefineds, 'x')).toEqual(rules);
  });

  it('has a lifetime of its own for null, and for what a function finds', () => {
    const found = () => '1s' as const;
    expect(applyPolicy(DEFAULT_RULES, { nullTtl: '10s' }, 'x')).toEqual({ ...DEFAULT_RULES, nullTtl: 10_000 });
    const wider = applyPolicy(DEFAULT_RULES, { ttl: found, nullTtl: 'forever' }, 'x');
    expect(wider).toEqual({ ...DEFAULT_RULES, ttlOf: found, nullTtl: Number.POSITIVE_INFINITY });
    expect(applyPolicy(wider, {}, 'x')).toEqual(wider);
    expect(applyPolicy(wider, { ttl: '2s' }, 'x')).toEqual({ ...wider, ttl: 2_000, ttlOf: undefined });
  });

  it('that lasts for ever has no end', () => {
    expect(applyPolicy(DEFAULT_RULES, { ttl: 'forever' }, 'x').ttl).toBe(Number.POSITIVE_INFINITY);
  });

  it('of nobody is five minutes fresh, half a minute loading, frozen, and never stale', () => {
    const kept = { maxEntrySize: Infinity, localTtl: Infinity };
    const stale = { lasts: 0, soft: Infinity, onError: true, throttle: 5_000 };
    const lifetimes = { ttl: 300_000, loadTimeout: 30_000 };
    expect(DEFAULT_RULES).toEqual({ ...lifetimes, level: 'eventual', isolation: 'frozen', kept, stale });
  });

  it.each<[string, CachePolicy, string]>([
    ['no duration', { ttl: '5 min' as '5m' }, `defaults.ttl: "5 min" is not a duration.`],
    ['zero', { ttl: 0 }, `defaults.ttl: 0 is not above 0. A value that never ends is 'forever'.`],
    ['zero in words', { ttl: '0ms' }, `defaults.ttl: "0ms" is not above 0. A value that never ends is 'forever'.`],
    ['no null at all', { nullTtl: 0 }, `defaults.nullTtl: 0 is not above 0. A value that never ends is 'forever'.`],
    ['staleness below zero', { staleFor: -1 }, 'defaults.staleFor: -1'],
    [
      'no soft timeout',
      { loadTimeout: { soft: 'none' as '5m' } },
      'defaults.loadTimeout.soft: "none" is not a duration.',
    ],
    ['no predicate', { staleIfError: { unless: true as never } }, 'defaults.staleIfError.unless: true is no function'],
    ['null', { ttl: null as never }, 'defaults.ttl: null is not a duration.'],
    ['a limit for ever', { loadTimeout: { hard: 'forever' as '5m' } }, 'defaults.loadTimeout.hard: "forever" is not'],
    ['a limit of zero', { loadTimeout: { hard: 0 } }, 'defaults.loadTimeout.hard: 0 is not above 0.'],
    ['a third view', { isolation: 'shared' as 'copy' }, `defaults.isolation: "shared" is neither 'frozen' nor 'copy'.`],
  ])('is refused by its path for %s', (_, policy, sentence) => {
    const apply = () => applyPolicy(DEFAULT_RULES, policy, 'defaults');
    expect(apply).toThrow(CacheConfigError);
    expect(apply).toThrow(sentence);
  });
});
