import { describe, expect, it, vi } from 'vitest';
import { KeyMemo, type HoleReader } from './key-memo.js';

/** Ids remembered for one method and key. */
const REMEMBERED = 10_000;

function start() {
  const build = vi.fn((values: readonly unknown[]) =>
    values.map((value) => `${typeof value} ${String(value)}`).join('|'),
  );
  return { build, memo: new KeyMemo(build) };
}

const READERS: readonly HoleReader[] = [(args) => args[0], (args) => args[1], (_args, result) => result];

describe('the memo of a key with one hole', () => {
  it('builds the id of a value once', () => {
    const { memo, build } = start();
    const id = memo.one('a');
    expect(id).toBe('string a');
    expect(memo.one('a')).toBe(id);
    expect(build.mock.calls).toEqual([[['a']]]);
  });

  it('does not mistake a value for another that looks like it', () => {
    const { memo } = start();
    const values = [1, '1', 1n, true, 'true', null, 'null', undefined, 'undefined', ''];
    for (const round of [1, 2])
      expect([round, ...values.map((value) => memo.one(value))]).toEqual([
        round,
        ...values.map((value) => `${typeof value} ${String(value)}`),
      ]);
  });

  it('remembers nothing of a value that no key can hold', () => {
    const memo = new KeyMemo(() => {
      throw new Error('no key');
    });
    expect(() => memo.one(Number.NaN)).toThrow('no key');
    expect(() => memo.one(Number.NaN)).toThrow('no key');
  });

  it('remembers so many and then forgets all', () => {
    const { memo, build } = start();
    for (let at = 0; at < REMEMBERED; at += 1) memo.one(at);
    memo.one(0);
    expect(build).toHaveBeenCalledTimes(REMEMBERED);
    memo.one(REMEMBERED);
    build.mockClear();
    memo.one(REMEMBERED);
    expect(build).not.toHaveBeenCalled();
    memo.one(0);
    expect(build).toHaveBeenCalledTimes(1);
  });
});

describe('the memo of a key with several holes', () => {
  it('builds the id of the values once, in the order of the holes', () => {
    const { memo, build } = start();
    const id = memo.many(READERS, ['a', 1], 'r');
    expect(id).toBe('string a|number 1|string r');
    expect(memo.many(READERS, ['a', 1], 'r')).toBe(id);
    expect(build.mock.calls).toEqual([[['a', 1, 'r']]]);
  });

  it('does not mistake values for others', () => {
    const { memo } = start();
    const calls: readonly (readonly [unknown, unknown, unknown])[] = [
      ['a', 'b', 'c'],
      ['a', 'c', 'b'],
      ['b', 'a', 'c'],
      ['a', 'b', undefined],
      [undefined, 'a', 'b'],
      [1, '1', 1n],
      ['1', 1, 1n],
    ];
    const ids = calls.map(([first, second, result]) => memo.many(READERS, [first, second], result));
    expect(new Set(ids).size).toBe(calls.length);
    expect(calls.map(([first, second, result]) => memo.many(READERS, [first, second], result))).toEqual(ids);
  });

  it('remembers so many and then forgets all', () => {
    const { memo, build } = start();
    const call = (at: number) => memo.many(READERS, [at % 7, at], 'r');
    for (let at = 0; at < REMEMBERED; at += 1) call(at);
    call(0);
    expect(build).toHaveBeenCalledTimes(REMEMBERED);
    call(REMEMBERED);
    build.mockClear();
    call(REMEMBERED);
    expect(build).not.toHaveBeenCalled();
    call(0);
    expect(build).toHaveBeenCalledTimes(1);
  });

  it('does not forget again as soon as it forgot', () => {
    const { memo, build } = start();
    const call = (at: number) => memo.many(READERS, [at, at], 'r');
    for (let at = 0; at <= REMEMBERED + 10; at += 1) call(at);
    build.mockClear();
    for (let at = REMEMBERED; at <= REMEMBERED + 10; at += 1) call(at);
    expect(build).not.toHaveBeenCalled();
  });
});
