import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Notices } from './notices.js';

describe('notices', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('admit what was asked for after the last notice of its key', () => {
    const notices = new Notices();
    const before = notices.position();
    const noted = notices.note('a');
    expect(notices.admits('a', before)).toBe(false);
    expect(notices.admits('b', before)).toBe(true);
    expect(noted).toBe(notices.position());
    expect(notices.admits('a', noted)).toBe(true);
  });

  it('that concern every key refuse all that was asked for before', () => {
    const notices = new Notices();
    const before = notices.position();
    notices.noteAll();
    expect(notices.admits('never noted', before)).toBe(false);
    expect(notices.admits('never noted', notices.position())).toBe(true);
  });

  it('let nothing be kept in this process while it is deaf, nor what was asked for before it heard again', () => {
    const notices = new Notices();
    expect(notices.keeps('a', notices.position())).toBe(true);
    notices.deafen();
    const deaf = notices.position();
    expect([notices.keeps('a', deaf), notices.admits('a', deaf)]).toEqual([false, true]);
    notices.hear();
    expect([notices.keeps('a', deaf), notices.keeps('a', notices.position())]).toEqual([false, true]);
    notices.note('a');
    expect(notices.keeps('a', deaf + 1)).toBe(false);
  });

  it('refuse, once they forgot one, whatever was asked for before it', () => {
    const notices = new Notices(3);
    const first = notices.position();
    const second = notices.note('a');
    for (const key of ['b', 'c']) notices.note(key);
    expect(notices.admits('x', first)).toBe(true);
    notices.note('d');
    expect(notices.admits('a', first)).toBe(false);
    expect(notices.admits('x', first)).toBe(false);
    expect(notices.admits('a', second)).toBe(true);
  });

  it('do not forget the newer notice of a key with the older', () => {
    const notices = new Notices(3);
    for (const key of ['a', 'b', 'a']) notices.note(key);
    notices.note('c');
    expect(notices.admits('a', 2)).toBe(false);
    expect(notices.admits('a', 3)).toBe(true);
  });

  it('tell what is to be looked at again from what is refused', () => {
    const notices = new Notices();
    const before = notices.position();
    expect(notices.trusts('a', before)).toBe(true);
    notices.suspect('a');
    expect([notices.trusts('a', before), notices.trusts('b', before)]).toEqual([false, true]);
    expect([notices.admits('a', before), notices.keeps('a', before), notices.covers(before)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(notices.trusts('a', notices.position())).toBe(true);
  });

  it('refuse nothing for the number of suspicions, which forget among themselves', () => {
    const notices = new Notices(3);
    const before = notices.position();
    const noted = notices.note('a');
    for (const key of ['a', 'b', 'c', 'd']) notices.suspect(key);
    expect([notices.admits('a', before), notices.admits('a', noted), notices.admits('b', before)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([notices.trusts('x', before), notices.trusts('d', noted), notices.trusts('x', notices.position())]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('never admit what was overtaken, and refuse no more than they have to', () => {
    const step = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom<string>('a', 'b', 'c', 'd', 'e') },
      { weight: 1, arbitrary: fc.constant('*') },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (history, remembered) => {
        const notices = new Notices(remembered);
        for (const key of history) {
          if (key === '*') notices.noteAll();
          else notices.note(key);
        }
        expect(notices.position()).toBe(history.length);
        for (const key of 'abcdef') {
          for (let since = 0; since <= history.length; since += 1) {
            const told = history.slice(since);
            const overtaken = told.includes(key) || told.includes('*');
            if (overtaken) expect(notices.admits(key, since)).toBe(false);
            else if (told.length <= remembered) expect(notices.admits(key, since)).toBe(true);
          }
        }
      }),
    );
  });

  it.each([
    ['keys only', 4, false],
    ['every key in between', 1, true],
    ['every key in between', 4, true],
  ])('remember no more keys than they have room for, told of %s (%d)', (_, remembered, all) => {
    const set = vi.spyOn(Map.prototype, 'set');
    const notices = new Notices(remembered);
    for (let at = 0; at < 100; at += 1) {
      notices.note(`key ${at}`);
      if (all && at % 3 === 1) notices.noteAll();
    }
    const kept = set.mock.contexts[0] as Map<string, number>;
    expect(kept.size).toBeLessThanOrEqual(remembered);
    expect(kept.size).toBeGreaterThan(0);
  });
});
