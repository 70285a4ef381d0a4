import { expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { Breaker } from './breaker.js';

function start(failures = 3) {
  const clock = new FakeClock();
  const told: string[] = [];
  const probes: { answer: () => void; fail: () => void }[] = [];
  const breaker = new Breaker({
    rules: { failures, retryAfter: 1_000 },
    clock,
    probe: () => new Promise((answer, fail) => void probes.push({ answer, fail: () => fail(new Error('silent')) })),
    opened: () => told.push('opened'),
    closed: () => told.push('closed'),
  });
  /** A call that waits so long for nothing. */
  const wait = (ms: number) => {
    const askedAt = clock.now();
    clock.advance(ms);
    breaker.failed(askedAt);
  };
  return { clock, told, probes, breaker, wait };
}

it('opens when so many in a row were not answered', () => {
  const { breaker, told, wait } = start();
  wait(100);
  wait(100);
  expect(breaker.isOpen).toBe(false);
  wait(100);
  expect(breaker.isOpen).toBe(true);
  expect(told).toEqual(['opened']);
});

it('stays closed in one pause, however many wait in it', () => {
  const { clock, breaker, told } = start();
  const askedAt = clock.now();
  clock.advance(100);
  for (let call = 0; call < 50; call += 1) breaker.failed(askedAt);
  expect(breaker.isOpen).toBe(false);
  clock.advance(1);
  breaker.failed(clock.now() - 1);
  expect(told).toEqual(['opened']);
});

it('may open at the first', () => {
  const { breaker, wait } = start(1);
  wait(100);
  expect(breaker.isOpen).toBe(true);
});

it('is done with when something is answered before it opens', () => {
  const { breaker, told, wait } = start();
  wait(100);
  wait(100);
  breaker.answered();
  wait(100);
  expect(breaker.isOpen).toBe(false);
  expect(told).toEqual(['closed']);
});

it('asks in the background until there is an answer', async () => {
  const { clock, breaker, told, probes, wait } = start(1);
  wait(100);
  clock.advance(999);
  expect(probes).toHaveLength(0);
  clock.advance(1);
  expect(probes).toHaveLength(1);
  probes[0]?.fail();
  await settle();
  expect(breaker.isOpen).toBe(true);
  clock.advance(1_000);
  expect(probes).toHaveLength(2);
  clock.advance(10_000);
  expect(probes).toHaveLength(2);
  probes[1]?.answer();
  await settle();
  expect(breaker.isOpen).toBe(false);
  expect(told).toEqual(['opened', 'closed']);
});

it('asks at once when told to, and never twice at a time', async () => {
  const { clock, breaker, probes, told, wait } = start(1);
  breaker.probe();
  expect(probes).toHaveLength(0);
  wait(100);
  breaker.probe();
  breaker.probe();
  clock.advance(5_000);
  expect(probes).toHaveLength(1);
  probes[0]?.answer();
  await settle();
  expect(told).toEqual(['opened', 'closed']);
});

it('is not closed by an answer to what was asked before it opened', () => {
  const { breaker, wait } = start(1);
  wait(100);
  breaker.answered();
  expect(breaker.isOpen).toBe(true);
});

it('asks no more once it is stopped', async () => {
  const { clock, breaker, probes, told, wait } = start(1);
  wait(100);
  breaker.probe();
  breaker.stop();
  probes[0]?.fail();
  await settle();
  clock.advance(10_000);
  expect(probes).toHaveLength(1);
  expect(told).toEqual(['opened']);
});
