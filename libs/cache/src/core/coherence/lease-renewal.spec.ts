import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { LeaseRenewal } from './lease-renewal.js';
import { LEASE_MS, type Lease } from './lease.js';

const lease = (key: string): Lease => ({ key, id: new Uint8Array(16), assigned: 1 });

function start(renew: (of: Lease) => Promise<boolean> = async () => true) {
  const clock = new FakeClock();
  const renewed: string[] = [];
  const renewal = new LeaseRenewal({ renew: (of) => (renewed.push(of.key), renew(of)) }, clock);
  /** In steps, as time goes. */
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 10) {
      clock.advance(10);
      await settle();
    }
  };
  return { clock, renewal, renewed, pass };
}

describe('the leases of loads under way', () => {
  it('are renewed before they end, again and again', async () => {
    const { renewal, renewed, pass } = start();
    renewal.hold(lease('early'));
    await pass(LEASE_MS / 3 - 20);
    renewal.hold(lease('late'));
    await pass(LEASE_MS - 100);
    expect(new Set(renewed)).toEqual(new Set(['early', 'late']));
    renewed.length = 0;
    await pass(LEASE_MS);
    expect(renewed.filter((key) => key === 'late').length).toBeGreaterThanOrEqual(2);
  });

  it('cost nothing where the load is over soon', async () => {
    const { renewal, renewed, pass } = start();
    const short = lease('short');
    renewal.hold(short);
    await pass(50);
    renewal.release(short);
    await pass(2 * LEASE_MS);
    expect(renewed).toEqual([]);
  });

  it('are not renewed once they are void', async () => {
    const { renewal, renewed, pass } = start(async () => false);
    renewal.hold(lease('void'));
    await pass(3 * LEASE_MS);
    expect(renewed).toEqual(['void']);
  });

  it('are tried again where Redis did not answer', async () => {
    const { renewal, renewed, pass } = start(() => Promise.reject(new Error('away')));
    renewal.hold(lease('kept'));
    await pass(2 * LEASE_MS);
    expect(renewed.length).toBeGreaterThan(2);
  });
});
