import { describe, expect, it } from 'vitest';
import { CacheConfigError, CacheKeyError, CacheSerializationError } from '../errors.js';
import { Tagging } from './tagging.js';

describe('the tags of one load', () => {
  it('are those the option gives and those the load names, each once', () => {
    const tagging = new Tagging(3);
    expect(tagging.hasNamed).toBe(false);
    tagging.name(['country:de', 'city']);
    expect(tagging.hasNamed).toBe(true);
    expect(tagging.of('value', (value) => ['city', String(value)])).toEqual(['city', 'value', 'country,de']);
  });

  it('are none where nobody gives any', () => {
    expect(new Tagging(0).of('value', undefined)).toEqual([]);
  });

  it('are at most 100', () => {
    const of = (count: number) => () => Array.from({ length: count }, (_, at) => `tag${at}`);
    expect(new Tagging(0).of('value', of(100))).toHaveLength(100);
    expect(() => new Tagging(0).of('value', of(101))).toThrow(CacheConfigError);
  });

  it('refuse what is no tag and what is no list, and pass on what the function threw', () => {
    const broken = new Error('broken');
    const fail = () => {
      throw broken;
    };
    expect(() => new Tagging(0).name(['a b'])).toThrow(CacheKeyError);
    expect(() => new Tagging(0).of('value', () => 'text' as never)).toThrow(CacheConfigError);
    expect(() => new Tagging(0).of('value', fail)).toThrow(CacheSerializationError);
    expect(() => new Tagging(0).of('value', fail)).toThrow(expect.objectContaining({ cause: broken }));
  });
});
