import { describe, expect, it } from 'vitest';
import { TagTable } from './tag-table.js';

const look = (news: { generation?: number; floor?: number; expired?: number; deleted?: number } = {}) => ({
  generation: 0,
  floor: 0,
  expired: 0,
  deleted: 0,
  ...news,
});

describe('what a process knows of the tags of a cache', () => {
  it('is nothing until it was told: whoever asks has to ask the store', () => {
    const table = new TagTable('shop');
    expect([table.verdict([], 5), table.verdict(['a'], 5)]).toEqual([undefined, undefined]);
    table.learn('', look({ generation: 5 }));
    expect([table.verdict([], 5), table.verdict(['a'], 5)]).toEqual(['valid', undefined]);
  });

  it('judges an entry by the last that was done to any of its tags', () => {
    const table = new TagTable('shop');
    table.learn('a', look({ generation: 9, expired: 7 }));
    table.learn('b', look({ generation: 9, deleted: 8 }));
    expect([6, 7, 8].map((generation) => table.verdict(['a'], generation))).toEqual(['expired', 'valid', 'valid']);
    expect([6, 7, 8].map((generation) => table.verdict(['a', 'b'], generation))).toEqual([
      'deleted',
      'deleted',
      'valid',
    ]);
  });

  it('has everything below the floor deleted, known or not', () => {
    const table = new TagTable('shop');
    table.raise([], 'delete', 4);
    expect(table.verdict(['never heard of'], 3)).toBe('deleted');
    expect(table.verdict([], 4)).toBeUndefined();
  });

  it('takes news in any order: no number falls', () => {
    const table = new TagTable('shop');
    table.learn('a', look({ generation: 9, deleted: 9 }));
    table.raise(['a'], 'delete', 3);
    table.learn('a', look({ generation: 2 }));
    expect([table.generation, table.markOf('a')]).toEqual([9, { expired: 0, deleted: 9 }]);
  });

  it('remembers of an invalidation nothing about a tag that nobody asked for', () => {
    const table = new TagTable('shop');
    table.raise(['a'], 'delete', 3);
    expect([table.generation, table.markOf('a')]).toEqual([3, undefined]);
  });

  it('asks for everything again once something may have gone unheard', () => {
    const table = new TagTable('shop');
    table.learn('a', look({ generation: 3 }));
    expect(table.verdict(['a'], 3)).toBe('valid');
    table.forget();
    expect([table.verdict(['a'], 3), table.generation]).toEqual([undefined, 3]);
  });

  it('forgets the tag it learnt first where there are too many', () => {
    const table = new TagTable('shop', 2);
    for (const tag of ['a', 'b', 'a', 'c']) table.learn(tag, look());
    expect(['a', 'b', 'c'].map((tag) => table.markOf(tag) !== undefined)).toEqual([false, true, true]);
  });

  it('serves nothing of what is still to be done, and a deletion is not made less by an expiry', () => {
    const table = new TagTable('shop');
    table.learn('a', look({ generation: 3 }));
    table.owe('a', 'expire');
    expect(table.verdict(['a'], 9)).toBe('expired');
    table.owe('a', 'delete');
    table.owe('a', 'expire');
    expect(table.verdict(['a'], 9)).toBe('deleted');
    table.paid('a');
    expect(table.verdict(['a'], 9)).toBe('valid');
    table.owe('', 'delete');
    expect(table.owed([])).toBe('delete');
  });
});
