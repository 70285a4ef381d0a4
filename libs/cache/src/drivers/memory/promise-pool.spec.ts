import { describe, expect, it } from 'vitest';
import { PromisePool } from './promise-pool.js';

/** Slots so far apart share a place. */
const SIZE = 4_096;

describe('the pool of promises', () => {
  it('gives one promise for a slot, resolved with its value', async () => {
    const pool = new PromisePool();
    const promise = pool.promised(7, 'x');
    expect(pool.promised(7, 'x')).toBe(promise);
    await expect(promise).resolves.toBe('x');
  });

  it('makes another once the slot was dropped', async () => {
    const pool = new PromisePool();
    const old = pool.promised(7, 'x');
    pool.drop(7);
    const promise = pool.promised(7, 'y');
    expect(promise).not.toBe(old);
    await expect(promise).resolves.toBe('y');
  });

  it.each([0, 7, SIZE - 1])('never gives the promise of another slot: %d', async (slot) => {
    const pool = new PromisePool();
    await expect(pool.promised(slot, 'mine')).resolves.toBe('mine');
    await expect(pool.promised(slot + SIZE, 'other')).resolves.toBe('other');
    await expect(pool.promised(slot, 'mine again')).resolves.toBe('mine again');
  });

  it('does not drop the promise of another slot', () => {
    const pool = new PromisePool();
    const kept = pool.promised(7, 'x');
    pool.drop(7 + SIZE);
    pool.drop(8);
    expect(pool.promised(7, 'x')).toBe(kept);
  });
});
