import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../errors.js';
import { BulkAnswers } from './bulk-answers.js';

const textOf = (id: number | string): string => `user:${id}`;

describe('the answers of a bulk loader', () => {
  it('are found by the id as it was asked, before the text of its key', () => {
    const given = new Map<number | string, string>([
      ['1', 'text'],
      [1, 'number'],
    ]);
    expect(new BulkAnswers(given, textOf).of(1, 'user:1')).toBe('number');
    expect(new BulkAnswers(given, textOf).of('1', 'user:1')).toBe('text');
  });

  it('are found by the text of the key, and are null where there is none', () => {
    const answers = new BulkAnswers<number | string>(new Map([['2', 'two']]), textOf);
    expect([answers.of(2, 'user:2'), answers.of(3, 'user:3')]).toEqual(['two', null]);
  });

  it.each([[[]], [{}], [undefined], ['text']])('are a Map, and not %j', (given) => {
    expect(() => new BulkAnswers(given, textOf)).toThrow(CacheConfigError);
    expect(() => new BulkAnswers(given, textOf, 'Users.list gave')).toThrow(/^Users\.list gave .*Let it return a Map/);
  });
});
