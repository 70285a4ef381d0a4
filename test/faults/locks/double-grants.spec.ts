import { describe, expect, it, onTestFinished } from 'vitest';
import type { Durability, LockAnswer } from '../../../libs/cache/src/core/locks/lock-engine.js';
import { lockKey } from '../../../libs/cache/src/drivers/redis/locks/lock-key.js';
import { SERVICE } from '../../integration/redis/support.js';
import { eventually } from '../../support/redis/wait.js';
import { laggingReplicas, zombiePrimary } from '../kit/failovers.js';
import { both, claims, granted, lockProcess, LOCKS, onePrimary, ROUNDS, type OnePrimary } from './one-primary.js';

const LIMIT_MS = ROUNDS * 60_000;

const GRANTED: LockAnswer = { kind: 'granted', token: 0n, last: 0n, durability: 'local', sentAt: 0 };

interface Round {
  /** Confirmed to two owners at a time. */
  readonly twice: number;
  /** Confirmed to the second. */
  readonly second: number;
}

/** What waits in the sockets of a primary while it stands still: asks for all names, and says what it got. */
type Ask = (place: OnePrimary) => Promise<() => Promise<(LockAnswer | undefined)[]>>;

const byLocks =
  (isPatient: boolean): Ask =>
  async (place) => {
    const deceived = await lockProcess(place, { replicas: 1, isPatient });
    return () => claims(deceived, place.names, { owner: 'first', durability: 'replicated' });
  };

/** What one writes first. */
const bySet: Ask = async ({ primary, names }) => {
  const wires = await Promise.all(names.map(() => primary.open({ timeoutMs: 30_000 })));
  onTestFinished(() => wires.forEach((wire) => wire.close()));
  await Promise.all(wires.map((wire) => wire.call('PING')));
  return async () => {
    const keys = names.map((name) => `${lockKey(SERVICE, name)}-plain`);
    const answers = await Promise.allSettled(wires.map((wire, at) => wire.call('SET', keys[at] ?? '', 'x', 'NX')));
    return answers.map((answer) => (answer.status === 'fulfilled' && answer.value === 'OK' ? GRANTED : undefined));
  };
};

/**
 * A primary that stood still is replaced, and goes on. Its successor has granted all locks; what waits in its own sockets
 * it answers before it hears of that.
 */
async function zombieRound(ask: Ask): Promise<Round> {
  const place = await onePrimary(2);
  const asked = await ask(place);
  let first: Promise<(LockAnswer | undefined)[]> = Promise.resolve([]);
  const { wake } = await zombiePrimary(place.cluster, place.slot, () => {
    first = asked();
  });
  // Of two replicas one has taken over: the other has to do.
  const informed = await lockProcess(place, { replicas: 1 });
  const second = await eventually('the successor grants all', async () => {
    const answers = await claims(informed, place.names, { owner: 'second', durability: 'replicated' });
    return granted(answers) === LOCKS && answers;
  });
  wake();
  return { twice: both(await first, second), second: granted(second) };
}

/** A primary whose replica lags grants all locks and dies; the replica, which has heard of none, grants them again. */
async function laggingRound(durability: Durability): Promise<Round> {
  const place = await onePrimary(1);
  const one = await lockProcess(place);
  const { lose } = await laggingReplicas(place.cluster, place.filler);
  const first = await claims(one, place.names, { owner: 'first', durability });
  await lose();
  const other = await lockProcess(place, { replicas: 0 });
  const second = await eventually('the successor grants', async () => {
    const answers = await claims(other, place.names, { owner: 'second', durability: 'local' });
    return answers.every((answer) => answer !== undefined) && answers;
  });
  return { twice: both(first, second), second: granted(second) };
}

async function rounds(round: () => Promise<Round>): Promise<Round> {
  let twice = 0;
  let second = 0;
  for (let at = 0; at < ROUNDS; at += 1) {
    const one = await round();
    twice += one.twice;
    second += one.second;
  }
  console.log(`${ROUNDS * LOCKS} locks: ${second} granted by the successor, ${twice} confirmed to two`);
  return { twice, second };
}

describe('a primary that was replaced while it stood still', () => {
  it('confirms no lock to two', { timeout: LIMIT_MS }, async () => {
    expect(await rounds(() => zombieRound(byLocks(false)))).toEqual({ twice: 0, second: ROUNDS * LOCKS });
  });

  it('confirms none, though no deadline keeps it from granting: its replicas do', { timeout: LIMIT_MS }, async () => {
    expect(await rounds(() => zombieRound(byLocks(true)))).toEqual({ twice: 0, second: ROUNDS * LOCKS });
  });

  it('gives those of SET NX to two (control)', { timeout: LIMIT_MS }, async () => {
    expect((await rounds(() => zombieRound(bySet))).twice).toBeGreaterThan(0);
  });
});

describe('a primary that dies before its replica has what it granted', () => {
  it('confirms no lock to two', { timeout: LIMIT_MS }, async () => {
    expect(await rounds(() => laggingRound('replicated'))).toEqual({ twice: 0, second: ROUNDS * LOCKS });
  });

  it('does where replicas are not asked (control)', { timeout: LIMIT_MS }, async () => {
    expect((await rounds(() => laggingRound('local'))).twice).toBeGreaterThan(0);
  });
});
