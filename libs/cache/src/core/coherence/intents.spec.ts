import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { Intents } from './intents.js';
import { Notices } from './notices.js';

const TIMEOUT = 10_000;

function start() {
  const notices = new Notices();
  const clock = new FakeClock();
  return { notices, clock, intents: new Intents(notices, clock, TIMEOUT) };
}

describe('an intent', () => {
  it('is open from begin to end, for its key alone', () => {
    const { intents } = start();
    expect(intents.isOpen('a')).toBe(false);
    const intent = intents.begin('a');
    expect([intents.isOpen('a'), intents.isOpen('b')]).toEqual([true, false]);
    intents.end(intent);
    expect(intents.isOpen('a')).toBe(false);
  });

  it('leaves nothing behind, however it ends', () => {
    const { intents, notices } = start();
    const sets = vi.spyOn(Map.prototype, 'set');
    const ends = ['alone', 'disturbed', 'unheard'].map((key) => intents.begin(key));
    // The map that holds the open ones, by key.
    const open = sets.mock.contexts.find((map) => (map as Map<unknown, unknown>).get('alone') instanceof Set);
    sets.mockRestore();
    expect((open as Map<unknown, unknown>).size).toBe(3);
    intents.disturb('disturbed');
    expect(ends.slice(0, 2).map((intent) => intents.end(intent))).toEqual(['alone', 'disturbed']);
    notices.deafen();
    expect(ends.slice(2).map((intent) => intents.end(intent))).toEqual(['disturbed']);
    expect((open as Map<unknown, unknown>).size).toBe(0);
  });

  it('refuses what was asked for before it began', () => {
    const { intents, notices } = start();
    const before = notices.position();
    const { position } = intents.begin('a');
    expect(notices.admits('a', before)).toBe(false);
    expect(position).toBe(notices.position());
  });

  it('ends alone where nobody else touched the key', () => {
    const { intents, notices } = start();
    const intent = intents.begin('a');
    notices.note('b');
    intents.end(intents.begin('b'));
    expect(intents.end(intent)).toBe('alone');
  });

  it.each([
    ['wrote it', ({ intents }: ReturnType<typeof start>) => void intents.end(intents.begin('a'))],
    ['began to write it', ({ intents }: ReturnType<typeof start>) => void intents.begin('a')],
    ['evicted it', ({ notices }: ReturnType<typeof start>) => void notices.note('a')],
  ])('does not end alone where somebody %s meanwhile', (_, disturb) => {
    const world = start();
    const intent = world.intents.begin('a');
    disturb(world);
    expect(world.intents.end(intent)).toBe('overlapped');
  });

  it.each([
    ['told of every key', (notices: Notices) => notices.noteAll()],
    ['not heard any more', (notices: Notices) => notices.deafen()],
    ['not heard for a while', (notices: Notices) => (notices.deafen(), notices.hear())],
  ])('ends disturbed where others were %s meanwhile', (_, happen) => {
    const { intents, notices } = start();
    const intent = intents.begin('a');
    happen(notices);
    expect(intents.end(intent)).toBe('disturbed');
  });

  it('ends disturbed where it began unheard', () => {
    const { intents, notices } = start();
    notices.deafen();
    expect(intents.end(intents.begin('a'))).toBe('disturbed');
  });

  it('does not end alone where another began before it and is not done', () => {
    const { intents } = start();
    const first = intents.begin('a');
    const second = intents.begin('a');
    expect(intents.end(second)).toBe('overlapped');
    expect(intents.end(first)).toBe('overlapped');
  });

  it('stays open until the last of several writers ended', () => {
    const { intents } = start();
    const [first, second, third] = [intents.begin('a'), intents.begin('a'), intents.begin('a')];
    intents.end(second);
    intents.end(first);
    expect(intents.isOpen('a')).toBe(true);
    intents.end(third);
    expect(intents.isOpen('a')).toBe(false);
  });

  it('lapses after its time, and then does not end alone', () => {
    const { intents, clock } = start();
    const intent = intents.begin('a');
    clock.advance(TIMEOUT - 1);
    expect(intents.isOpen('a')).toBe(true);
    clock.advance(1);
    expect(intents.isOpen('a')).toBe(false);
    clock.advance(1);
    expect(intents.end(intent)).toBe('overlapped');
  });

  it('ends in time up to its last millisecond', () => {
    const { intents, clock } = start();
    const intent = intents.begin('a');
    clock.advance(TIMEOUT - 1);
    expect(intents.end(intent)).toBe('alone');
  });

  it('that lapsed does not keep the key open for others', () => {
    const { intents, clock } = start();
    intents.begin('a');
    clock.advance(TIMEOUT - 1);
    const second = intents.begin('a');
    clock.advance(1);
    expect(intents.isOpen('a')).toBe(true);
    intents.end(second);
    expect(intents.isOpen('a')).toBe(false);
  });

  it.each([true, false])('that lapsed and ends late does not end another (asked between: %s)', (asked) => {
    const { intents, clock } = start();
    const late = intents.begin('a');
    clock.advance(TIMEOUT);
    if (asked) intents.isOpen('a');
    const second = intents.begin('a');
    intents.end(late);
    expect(intents.isOpen('a')).toBe(true);
    intents.end(second);
    expect(intents.isOpen('a')).toBe(false);
  });
});

describe('a disturbance', () => {
  it('tells every writer under way that no version can place it any more, and no later one', () => {
    const { intents } = start();
    const [first, second] = [intents.begin('a'), intents.begin('a')];
    const other = intents.begin('b');
    intents.disturb('a');
    const later = intents.begin('a');
    expect(intents.end(first)).toBe('disturbed');
    expect(intents.end(second)).toBe('disturbed');
    expect(intents.end(other)).toBe('alone');
    expect(intents.end(later)).toBe('alone');
  });
});
