import { expect, it } from 'vitest';
import type { Clock } from './clock.js';
import { inTime } from './in-time.js';

const late = () => new RangeError('late');

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
  expect(await inTime(Promise.resolve('done'), { clock, ms: 5, late })).toBe('done');
  await expect(inTime(Promise.reject(new Error('failed')), { clock, ms: 5, late })).rejects.toThrow('failed');
  expect(rings.size).toBe(0);
});

it('ends in time where the work never does', async () => {
  const { clock, rings } = ringing();
  const outcome = inTime(new Promise(() => undefined), { clock, ms: 5, late });
  for (const ring of rings) ring();
  await expect(outcome).rejects.toThrow(RangeError);
});
