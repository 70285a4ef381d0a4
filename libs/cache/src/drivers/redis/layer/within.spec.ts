import { expect, it } from 'vitest';
import { CacheTimeoutError } from '../../../core/errors.js';
import type { Clock } from '../../../core/shared/clock.js';
import { within } from './within.js';

function ringing() {
  const rings = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    coarse: () => 0,
    after: (_ms, task) => {
      rings.add(task);
      return () => void rings.delete(task);
    },
  };
  return { clock, rings };
}

it('gives the outcome of work that ends in time, and forgets its alarm', async () => {
  const { clock, rings } = ringing();
  expect(await within(clock, 5, Promise.resolve('done'))).toBe('done');
  await expect(within(clock, 5, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(rings.size).toBe(0);
});

it('ends in time where the work never does', async () => {
  const { clock, rings } = ringing();
  const outcome = within(clock, 5, new Promise(() => undefined));
  for (const ring of rings) ring();
  await expect(outcome).rejects.toThrow(CacheTimeoutError);
});
