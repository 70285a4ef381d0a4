import { describe, expect, it, vi } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { retryProcess } from '../../../../../test/support/retries.js';
import { MemoryRetryCoordinator } from '../../drivers/memory/retries/memory-retry-coordinator.js';
import { CacheConfigError, CacheTimeoutError } from '../errors.js';
import type { Attempt } from './attempt.js';
import type { RetryOptions } from './retry-policy.js';

const DOWN = new Error('down');

/** Chance says one half: the delays are 50, 100, 200 ms. */
function start() {
  const clock = new FakeClock();
  const random = () => 0.5;
  const process = retryProcess({ clock, random, coordinator: new MemoryRetryCoordinator(clock) });
  return { ...process, clock };
}

/** Answers with these, one an attempt: what is an Error is thrown. */
function answering(...answers: readonly unknown[]) {
  const attempts: Attempt[] = [];
  const work = (attempt: Attempt) => {
    attempts.push(attempt);
    const answer = answers[attempt.number - 1];
    if (answer instanceof Promise) return answer;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { attempts, work };
}

async function after(clock: FakeClock, ms: number): Promise<void> {
  await settle();
  clock.advance(ms);
  await settle();
}

describe('a call', () => {
  it('that succeeds is made once', async () => {
    const { call } = start();
    const { attempts, work } = answering(7);
    expect(await call(work)).toBe(7);
    expect(attempts.map(({ number }) => number)).toEqual([1]);
  });

  it('that fails is made again after delays that grow, and says so', async () => {
    const { call, clock, told } = start();
    const { attempts, work } = answering(DOWN, DOWN, 'up');
    const result = call(work);
    await after(clock, 49);
    expect(attempts).toHaveLength(1);
    await after(clock, 1);
    expect(attempts).toHaveLength(2);
    await after(clock, 99);
    expect(attempts).toHaveLength(2);
    await after(clock, 1);
    expect(await result).toBe('up');
    expect(told).toEqual([
      { type: 'retried', operation: 'rates', attempt: 1, delay: 50, error: DOWN },
      { type: 'retried', operation: 'rates', attempt: 2, delay: 100, error: DOWN },
    ]);
  });

  it('gives up after three attempts with the last error, unchanged', async () => {
    const { call, clock } = start();
    const last = new Error('still down');
    const { attempts, work } = answering(DOWN, DOWN, last);
    const result = call(work).catch((error: unknown) => error);
    await after(clock, 50);
    await after(clock, 100);
    expect(await result).toBe(last);
    expect(attempts).toHaveLength(3);
  });

  it('gives up at once on an error that is not worth it, by default and by its own rule', async () => {
    const { call } = start();
    const wrong = Object.assign(new Error('no such thing'), { status: 404 });
    const refused = answering(wrong);
    await expect(call(refused.work)).rejects.toBe(wrong);
    expect(refused.attempts).toHaveLength(1);
    const never: RetryOptions = { retryIf: () => false };
    await expect(call(answering(DOWN).work, never)).rejects.toBe(DOWN);
  });

  it('gives the error of the call to its caller, not that of its rule', async () => {
    const { call } = start();
    const retryIf = () => {
      throw new Error('a bug');
    };
    await expect(call(answering(DOWN).work, { retryIf })).rejects.toBe(DOWN);
  });

  it('asks its rule once an error', async () => {
    const { call } = start();
    const retryIf = vi.fn(() => false);
    await expect(call(answering(DOWN).work, { retryIf })).rejects.toBe(DOWN);
    expect(retryIf).toHaveBeenCalledExactlyOnceWith(DOWN);
  });
});

describe('the deadline', () => {
  it('is kept: no attempt is started that cannot end before', async () => {
    const { call, clock } = start();
    const first = answering(DOWN, 'up');
    await expect(call(first.work, { deadline: 50 })).rejects.toBe(DOWN);
    const second = answering(DOWN, 'up');
    const result = call(second.work, { deadline: 51 });
    await after(clock, 50);
    expect(await result).toBe('up');
  });

  it('counts how long an attempt takes at least', async () => {
    const { call, clock } = start();
    const slow = () => new Promise((_, reject) => clock.after(100, () => reject(DOWN)));
    const result = call(slow, { deadline: 250 }).catch((error: unknown) => error);
    await after(clock, 100);
    // 50 ms of delay and another 100: that would be the deadline.
    expect(await result).toBe(DOWN);
  });

  it('ends an attempt under way with the error of the one before', async () => {
    const { call, clock } = start();
    const { attempts, work } = answering(DOWN, new Promise(() => undefined));
    const result = call(work, { deadline: 200 }).catch((error: unknown) => error);
    await after(clock, 50);
    const [, second] = attempts;
    expect(second?.signal.aborted).toBe(false);
    expect(second?.deadline).toBe(clock.now() + 150);
    await after(clock, 150);
    expect(await result).toBe(DOWN);
    expect(second?.signal.aborted).toBe(true);
  });

  it('ends the first attempt with a timeout, and its signal says so', async () => {
    const { call, clock } = start();
    const { attempts, work } = answering(new Promise(() => undefined));
    const result = call(work, { deadline: 200 }).catch((error: unknown) => error);
    await after(clock, 200);
    expect(await result).toBeInstanceOf(CacheTimeoutError);
    expect(attempts[0]?.signal.reason).toBeInstanceOf(CacheTimeoutError);
  });
});

describe('Retry-After', () => {
  it('is a delay that the own one is added to: never earlier, and not all at once', async () => {
    const { call, clock } = start();
    const busy = Object.assign(new Error('busy'), { status: 429, headers: { 'retry-after': '2' } });
    const { attempts, work } = answering(busy, 'up');
    const result = call(work);
    await after(clock, 2_049);
    expect(attempts).toHaveLength(1);
    await after(clock, 1);
    expect(await result).toBe('up');
  });

  it('beyond the deadline ends the call', async () => {
    const { call } = start();
    const busy = Object.assign(new Error('busy'), { retryAfter: 60 });
    await expect(call(answering(busy).work)).rejects.toBe(busy);
  });
});

describe("the caller's signal", () => {
  it('ends a call before, during and between its attempts', async () => {
    const { call, clock } = start();
    const before = answering(1);
    await expect(call(before.work, { signal: AbortSignal.abort(DOWN) })).rejects.toBe(DOWN);
    expect(before.attempts).toHaveLength(0);

    const gone = new Error('gone');
    const during = new AbortController();
    const hanging = answering(new Promise(() => undefined));
    const first = call(hanging.work, { signal: during.signal }).catch((error: unknown) => error);
    await settle();
    during.abort(gone);
    expect(await first).toBe(gone);
    expect(hanging.attempts[0]?.signal.reason).toBe(gone);

    const between = new AbortController();
    const failing = answering(DOWN, 'up');
    const second = call(failing.work, { signal: between.signal }).catch((error: unknown) => error);
    await after(clock, 10);
    between.abort(gone);
    expect(await second).toBe(gone);
    await after(clock, 1_000);
    expect(failing.attempts).toHaveLength(1);
  });
});

describe('the policy', () => {
  it.each([
    [{ attempts: 0 }, 'retry.attempts: 0 is not valid'],
    [{ attempts: 1.5 }, 'retry.attempts: 1.5 is not valid'],
    [{ deadline: 0 }, 'retry.deadline: 0 is not valid'],
    [{ deadline: 'soon' }, 'retry.deadline: "soon" is not a duration'],
    [{ delay: { base: -1 } }, 'retry.delay.base: -1 is not a duration'],
    [{ retryIf: true }, 'retry.retryIf: true is not valid'],
    [{ breaker: 'on' }, 'retry.breaker: "on" is not valid'],
  ])('is refused: %o', (policy, message) => {
    const wrong = () => start().call(() => 1, policy as RetryOptions);
    expect(wrong).toThrow(CacheConfigError);
    expect(wrong).toThrow(message);
  });
});
