import { Logger } from '@nestjs/common';
import { expect, it, onTestFinished, vi } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { LockLostError } from '../../core/errors.js';
import { EventHub } from '../../core/events/event-hub.js';
import { EventLogger } from './event-logger.js';

function start() {
  const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  const events = new EventHub();
  const clock = new FakeClock();
  new EventLogger(events, { clock });
  const lose = (name: string) =>
    events.emit({ type: 'lock-lost', name, token: 7n, error: new LockLostError(`'${name}' may have passed on`) });
  return { events, clock, lose, lines: () => warn.mock.calls.map(([line]) => String(line)) };
}

it('tells of a lost lock, with its name and what to do', () => {
  const { lose, lines } = start();
  lose('import');
  expect(lines()).toEqual(["The lock 'import' was lost while it was held: 'import' may have passed on"]);
});

it('tells of each name once a minute, however often it is lost', () => {
  const { clock, lose, lines } = start();
  for (const name of ['a', 'b', 'a', 'b']) lose(name);
  expect(lines()).toHaveLength(2);
  clock.advance(59_999);
  lose('a');
  expect(lines()).toHaveLength(2);
  clock.advance(1);
  lose('a');
  expect(lines()).toHaveLength(3);
});

it('tells of changes that Redis had lost or may have, and not of looks that found none', () => {
  const { events, lines } = start();
  events.emit({ type: 'resent', keys: 9, lost: 0, unanswered: 0 });
  expect(lines()).toEqual([]);
  events.emit({ type: 'resent', keys: 9, lost: 2, unanswered: 3 });
  expect(lines()).toEqual([
    'Redis had lost 2 of our last changes. They were made again.',
    'Redis may have lost 3 of our last changes, and gives no answer.',
  ]);
});
