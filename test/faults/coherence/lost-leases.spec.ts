import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { LeaseReturns } from '../../../libs/cache/src/drivers/redis/layer/lease-returns.js';
import { halfOpen } from '../kit/conditions.js';
import { Lag } from '../storm/lag.js';
import { twoProcesses } from './two-processes.js';

/** A lease ends after 2 s by itself. */
const SOON_MS = 1_000;

afterEach(() => void vi.restoreAllMocks());

/** What a process loads under a lease is lost on its way. How long another one waits that reads the key then, ms. */
async function heldUp(): Promise<number> {
  const { reader: cut, writer: other, proxy } = await twoProcesses();
  const lag = new Lag();
  onTestFinished(() => lag.stop());
  const lose = async () => {
    proxy.set(halfOpen('toServer'));
    return 'lost';
  };
  expect(await cut.readThrough('page:1', lose)).toBe('lost');
  proxy.reset();
  proxy.clear();
  const began = lag.now();
  expect(await other.readThrough('page:1', async () => 'other')).toBe('other');
  return lag.now() - began;
}

it('a lease whose load was lost is given back as soon as Redis answers', async () => {
  expect(await heldUp()).toBeLessThan(SOON_MS);
});

it('would hold every other process up until it ends, if nobody gave it back (control)', async () => {
  vi.spyOn(LeaseReturns.prototype, 'later').mockReturnValue(undefined);
  expect(await heldUp()).toBeGreaterThan(SOON_MS);
});
