import { describe, expect, it } from 'vitest';
import { renderKeys } from './fan-out.js';
import { parseTemplate } from './template.js';

const keys = (source: string, args: readonly unknown[], result?: unknown) =>
  renderKeys(parseTemplate(source), args, result);

describe('renderKeys', () => {
  it('gives one key a call without a fan-out', () => {
    expect(keys('user:{0}:{1.a?.length}'.replace('?', ''), [1, { a: 'xyz' }])).toEqual(['user:1:3']);
  });

  it('gives one key an item, each key once', () => {
    expect(keys('user:{0.*}', [[1, 2, '1']])).toEqual(['user:1', 'user:2']);
    expect(keys('user:{0.*}', [[]])).toEqual([]);
    expect(keys('user:{result.*.id},{0}', ['x'], [{ id: 1 }, { id: 2 }])).toEqual(['user:1,x', 'user:2,x']);
  });

  it('goes through one array together and through different ones in every combination', () => {
    const orders = [
      { shop: 'a', id: 1 },
      { shop: 'b', id: 2 },
    ];
    expect(keys('order:{result.*.shop},{result.*.id}', [], orders)).toEqual(['order:a,1', 'order:b,2']);
    expect(
      keys('order:{0.*},{1.*}', [
        [1, 2],
        [3, 4],
      ]),
    ).toEqual(['order:1,3', 'order:1,4', 'order:2,3', 'order:2,4']);
  });

  it('goes through arrays in arrays', () => {
    const shops = [
      { id: 'a', items: [1, 2] },
      { id: 'b', items: [3] },
    ];
    expect(keys('item:{0.*.id},{0.*.items.*}', [shops])).toEqual(['item:a,1', 'item:a,2', 'item:b,3']);
    expect(keys('item:{0.*.items.*},{0.*.id}', [shops])).toEqual(['item:1,a', 'item:2,a', 'item:3,b']);
  });

  it('refuses what is no array, and items without the property', () => {
    expect(() => keys('user:{0.*}', ['12'])).toThrow(`{0.*} of 'user:{0.*}': '*' needs an array, not "12"`);
    expect(() => keys('user:{0.*.id}', [[{ id: 1 }, {}]])).toThrow("{0.*.id} of 'user:{0.*.id}' is undefined");
    expect(() => keys('user:{0.*.id}', [[null]])).toThrow('is null');
  });
});
