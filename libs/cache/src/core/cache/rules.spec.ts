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
    const rules = { ttl: 1, loadTimeout: 2, isolation: 'copy', level: 'relaxed' } as const;
    expect(applyPolicy(rules, undefineds, 'x')).toEqual(rules);
  });

  it('that lasts for ever has no end', () => {
    expect(applyPolicy(DEFAULT_RULES, { ttl: 'forever' }, 'x').ttl).toBe(Number.POSITIVE_INFINITY);
  });

  it('of nobody is five minutes fresh, half a minute loading, frozen', () => {
    expect(DEFAULT_RULES).toEqual({ level: 'eventual', ttl: 300_000, loadTimeout: 30_000, isolation: 'frozen' });
  });

  it.each<[string, CachePolicy, string]>([
    ['no duration', { ttl: '5 min' as '5m' }, `defaults.ttl: "5 min" is not a duration.`],
    ['zero', { ttl: 0 }, `defaults.ttl: 0 is not above 0. A value that never ends is 'forever'.`],
    ['zero in words', { ttl: '0ms' }, `defaults.ttl: "0ms" is not above 0. A value that never ends is 'forever'.`],
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
