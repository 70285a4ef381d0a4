import { describe, expect, it } from 'vitest';
import { settle, sharedParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { CacheOverloadError, CacheReadError } from '../errors.js';
import { Cache } from './cache.js';
import type { CacheParts } from './parts.js';

const KEY = 'town:1';

/** A shared layer that answers when it is let, to a cache that waits for it 40 ms. */
function start(more: Pick<CacheParts, 'locksAnswer'> = {}) {
  const parts = { ...sharedParts(), sharedPatience: 40, ...more };
  const cache = new Cache(parts);
  const answers = gate();
  parts.far.hold = answers.promise;
  const pass = async (ms: number) => {
    parts.clock.advance(ms);
    await settle();
  };
  /** What a call has come to so far. */
  const watched = (call: Promise<unknown>) => {
    const seen: { outcome: unknown } = { outcome: 'waits' };
    call.then(
      (value) => (seen.outcome = ['done', value]),
      (error: unknown) => (seen.outcome = error),
    );
    return seen;
  };
  const below = () => parts.far.kept.peek(KEY)?.value;
  return { ...parts, cache, answers, pass, watched, below };
}

describe('a call that the shared layer does not answer', () => {
  it.each(['delete', 'expire'] as const)('%s is done when patience is over, and the key is owed', async (verb) => {
    const { cache, pass, watched, recovery } = start();
    const call = watched(cache[verb]([KEY]));
    await pass(39);
    expect([call.outcome, recovery.owes(KEY)]).toEqual(['waits', false]);
    await pass(1);
    expect([call.outcome, recovery.owes(KEY)]).toEqual([['done', undefined], true]);
  });

  it('set says that it was not in time, and what it kept all the same goes', async () => {
    const { cache, pass, watched, answers, below, recovery } = start();
    const call = watched(cache.set(KEY, 'new'));
    await pass(40);
    expect(call.outcome).toMatchObject({ code: 'TIMEOUT', key: 'app:lake:town:1' });
    answers.open();
    await settle();
    await expect(cache.get(KEY)).resolves.toBeUndefined();
    await pass(500);
    expect([below(), recovery.depth]).toEqual([undefined, 0]);
  });

  it('a write runs its save after that, and is done with it', async () => {
    const { cache, pass, watched, recovery } = start();
    const saved: string[] = [];
    const call = watched(cache.writeThrough(KEY, 'new', () => void saved.push('new')));
    await pass(39);
    expect(saved).toEqual([]);
    await pass(1);
    expect(saved).toEqual(['new']);
    await pass(40);
    expect([call.outcome, recovery.owes(KEY)]).toEqual([['done', 'new'], true]);
  });
});

describe('the lock of an update', () => {
  const silent = new CacheReadError('it does not answer');

  it('is not waited for while its place gives no answer, and the update does not run', async () => {
    const { cache, keys, locks, answers, watched } = start({ locksAnswer: () => Promise.reject(silent) });
    answers.open();
    const held = gate();
    const holding = locks.run(keys.full(KEY), () => held.promise);
    await settle();
    const ran: string[] = [];
    const call = watched(cache.cacheAside(KEY, () => ran.push('update')));
    await settle();
    expect(call.outcome).toMatchObject({ code: 'LOCK_TIMEOUT', key: 'app:lake:town:1', cause: silent });
    held.open();
    await holding;
    expect(ran).toEqual([]);
  });

  it('is waited for while somebody else has it', async () => {
    const { cache, keys, locks, answers, watched, pass } = start({ locksAnswer: () => Promise.resolve() });
    answers.open();
    const held = gate();
    const holding = locks.run(keys.full(KEY), () => held.promise);
    await settle();
    const call = watched(cache.cacheAside(KEY, () => 'updated'));
    await pass(4_000);
    expect(call.outcome).toBe('waits');
    held.open();
    await holding;
    await settle();
    expect(call.outcome).toEqual(['done', 'updated']);
  });

  it('is asked for although this process asks too much of Redis', async () => {
    const overload = () => Promise.reject(new CacheOverloadError('too much'));
    const { cache, answers } = start({ locksAnswer: overload });
    answers.open();
    await expect(cache.cacheAside(KEY, () => 'updated')).resolves.toBe('updated');
  });
});
