import { describe, expect, it } from 'vitest';
import { coreParts, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import type { Lease } from '../coherence/lease.js';
import { Cache } from './cache.js';
import type { Flight } from './flights.js';
import { ForeignWrites } from './foreign-writes.js';
import type { Outcome } from './outcome.js';
import type { CallRules } from './rules.js';

const KEY = 'town:1';
const FULL = 'app:lake:town:1';
const LEASE: Lease = { key: KEY, id: new Uint8Array(16), assigned: 1 };

function start() {
  const parts = coreParts();
  const looks: (ReturnType<typeof gate> & { stands: boolean | Error })[] = [];
  const leases = {
    stands: async () => {
      const look = Object.assign(gate(), { stands: true as boolean | Error });
      looks.push(look);
      await look.promise;
      if (look.stands instanceof Error) throw look.stands;
      return look.stands;
    },
  };
  const { hot } = parts.store;
  const writes = new ForeignWrites({ ...parts, hot, leases });
  const fly = (under: Flight<Outcome, CallRules>['under']) => {
    const flight = parts.flights.open(KEY, parts.rules.forKey(KEY), () => new Promise(() => undefined));
    flight.under = under;
    return flight;
  };
  const answer = async (at: number, stands: boolean | Error) => {
    const look = looks[at];
    if (look === undefined) throw new Error(`there was no look ${at}`);
    look.stands = stands;
    look.open();
    await settle();
  };
  return { ...parts, hot, writes, looks, fly, answer, isJoinable: () => parts.flights.find(KEY) !== undefined };
}

describe('a key that somebody touched', () => {
  it('is no more served from memory, but neither forgotten nor refused', async () => {
    const { writes, hot, notices, ...parts } = start();
    await new Cache({ ...parts, notices }).set(KEY, 'kept');
    const since = notices.position();
    writes.touched(FULL);
    expect([hot.peek(KEY), hot.doubted(KEY)?.value]).toEqual([undefined, 'kept']);
    expect([notices.keeps(KEY, since), notices.trusts(KEY, since)]).toEqual([true, false]);
  });

  it.each(['app:other:town:1', 'coord:lake:bus', 'x', ''])('and is none of ours, %j, is let be', (key) => {
    const { writes, notices } = start();
    const since = notices.position();
    expect(() => writes.touched(key)).not.toThrow();
    expect(notices.position()).toBe(since);
  });

  it('and that nobody loads is looked at by nobody', () => {
    const { writes, looks } = start();
    for (let at = 0; at < 1_000; at += 1) writes.touched(FULL);
    expect(looks).toEqual([]);
  });
});

describe('a load whose key somebody touched', () => {
  it('is joined no more where it has no lease, and joined on where it waits for one', () => {
    const { writes, fly, isJoinable, looks } = start();
    fly('turn');
    writes.touched(FULL);
    expect(isJoinable()).toBe(true);
    fly(undefined);
    writes.touched(FULL);
    expect([isJoinable(), looks]).toEqual([false, []]);
  });

  it.each([
    ['joined on where its lease stands', true, true],
    ['joined no more where it does not', false, false],
    ['joined no more where nobody can say', new Error('away'), false],
  ])('is %s', async (_, stands, joinable) => {
    const { writes, fly, answer, isJoinable } = start();
    fly(LEASE);
    writes.touched(FULL);
    expect(isJoinable()).toBe(true);
    await answer(0, stands);
    expect(isJoinable()).toBe(joinable);
  });

  it('is looked at once more for all that touched it during a look', async () => {
    const { writes, fly, answer, isJoinable, looks } = start();
    fly(LEASE);
    for (let at = 0; at < 5; at += 1) writes.touched(FULL);
    expect(looks).toHaveLength(1);
    await answer(0, true);
    expect(looks).toHaveLength(2);
    await answer(1, false);
    expect([isJoinable(), looks.length]).toEqual([false, 2]);
    fly(LEASE);
    writes.touched(FULL);
    await answer(2, true);
    expect([isJoinable(), looks.length]).toEqual([true, 3]);
  });

  it('does not take another load with it that began meanwhile', async () => {
    const { writes, fly, answer, flights } = start();
    fly(LEASE);
    writes.touched(FULL);
    flights.void(KEY);
    const next = fly(LEASE);
    await answer(0, false);
    expect(flights.find(KEY)).toBe(next);
  });
});
