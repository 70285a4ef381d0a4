import { expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { MemoryLimitStore } from '../../drivers/memory/limits/memory-limit-store.js';
import type { Decision } from './decision.js';
import { LeasedTokens } from './leases.js';
import type { LimitAsk, LimitStore } from './limit-store.js';
import { resolveRule } from './rule.js';
import { rulesFor, scopesOf } from './scopes.js';

const LIMIT = 100;
const LEASE = 10;

function rules(limit = LIMIT) {
  const rule = resolveRule({ name: 'r', limit: () => limit, per: '10s', algorithm: 'leased', lease: LEASE }, 'spec');
  const [scope] = scopesOf([rule]);
  if (scope === undefined) throw new Error('no rule');
  return rulesFor(scope)({ args: [], request: undefined });
}

/** The store of a fleet, which counts how often it is asked and answers as late as a server would. */
class Shared implements LimitStore {
  asked = 0;
  readonly #memory;

  constructor(clock: FakeClock) {
    this.#memory = new MemoryLimitStore(clock);
  }

  async decide(ask: LimitAsk): Promise<Decision> {
    this.asked++;
    await Promise.resolve();
    return this.#memory.decide(ask);
  }

  async adjust(ask: LimitAsk): Promise<void> {
    this.asked++;
    this.#memory.adjust(ask);
  }

  reset(key: string): void {
    this.#memory.reset(key);
  }

  probe(): void {}
}

function fleet(processes: number) {
  const clock = new FakeClock();
  const store = new Shared(clock);
  const leases = Array.from({ length: processes }, () => new LeasedTokens(store, clock));
  return { clock, store, leases };
}

const ask: LimitAsk = { key: 'k', rules: rules(), cost: 1 };

async function count(asked: readonly (Decision | Promise<Decision>)[]): Promise<number> {
  return (await Promise.all(asked.map(async (decision) => decision))).filter(({ allowed }) => allowed).length;
}

it('admits no more than the limit at once, whichever process asks', async () => {
  const { leases } = fleet(4);
  const asked = leases.flatMap((tokens) => Array.from({ length: 60 }, async () => tokens.decide(ask)));
  const admitted = await count(asked);
  expect(admitted).toBeLessThanOrEqual(LIMIT);
  // What a process holds and has not spent is what others may miss.
  expect(admitted).toBeGreaterThanOrEqual(LIMIT - 3 * LEASE);
});

it('asks the store once for many requests', async () => {
  const { store, leases, clock } = fleet(1);
  const [tokens] = leases;
  let admitted = 0;
  for (let n = 0; n < 500; n++) {
    clock.advance(110);
    admitted += await count([tokens?.decide(ask) as Decision]);
  }
  expect(admitted).toBe(500);
  expect(store.asked / admitted).toBeLessThanOrEqual(0.3);
});

it('keeps to the bound over any span: the bucket, its refill and a lease for each process', async () => {
  for (const processes of [1, 3, 8]) {
    const { leases, clock } = fleet(processes);
    const times: number[] = [];
    for (let step = 0; step < 300; step++) {
      // Quiet for a while, so that the bucket is full and leases lie about, then everybody at once.
      clock.advance(step % 50 === 0 ? 950 : 37);
      for (const tokens of leases) {
        const admitted = await count(Array.from({ length: step % 7 }, async () => tokens.decide(ask)));
        for (let n = 0; n < admitted; n++) times.push(clock.now());
      }
    }
    let from = 0;
    for (const [at, time] of times.entries()) {
      while ((times[from] ?? Infinity) <= time - 10_000) from++;
      expect(at - from + 1).toBeLessThanOrEqual(2 * LIMIT + processes * LEASE);
    }
  }
});

it('gives back what nobody spends for a second, so that others have it', async () => {
  const { leases, clock } = fleet(2);
  const [one, two] = leases;
  await one?.decide(ask);
  clock.advance(2_000);
  await Promise.resolve();
  expect(await count(Array.from({ length: LIMIT }, async () => two?.decide(ask) as Promise<Decision>))).toBe(LIMIT);
});

it('gives back all that was not spent when it closes', async () => {
  const { leases, store } = fleet(1);
  const [tokens] = leases;
  await tokens?.decide(ask);
  expect(await store.decide({ ...ask, cost: LIMIT - 1 })).toMatchObject({ allowed: false });
  await tokens?.close();
  expect(await store.decide({ ...ask, cost: LIMIT - 1 })).toMatchObject({ allowed: true, remaining: 0 });
});

it('refuses with the time at which the store would have it', async () => {
  const { leases } = fleet(1);
  const [tokens] = leases;
  await count(Array.from({ length: LIMIT }, async () => tokens?.decide(ask) as Promise<Decision>));
  const refused = await tokens?.decide(ask);
  expect(refused).toMatchObject({ allowed: false, violated: ['r'] });
  expect(refused?.retryAfter).toBeGreaterThan(0);
  expect(refused?.retryAfter).toBeLessThanOrEqual(100);
});

it('answers who waits when it closes, and gives back what was being taken', async () => {
  const { leases, store } = fleet(1);
  const [tokens] = leases;
  const early = tokens?.decide(ask);
  // The first is being asked for; this one waits behind it, and that one for the end of the turn.
  await Promise.resolve();
  const waiting = tokens?.decide(ask);
  const other = tokens?.decide({ ...ask, key: 'other' });
  const closed = tokens?.close();
  expect(await Promise.all([early, waiting, other])).toMatchObject([
    { allowed: true },
    { allowed: true },
    { allowed: true },
  ]);
  await closed;
  expect(await tokens?.decide(ask)).toMatchObject({ allowed: true });
  expect(await store.decide({ ...ask, cost: LIMIT - 3 })).toMatchObject({ allowed: true, remaining: 0 });
  expect(await store.decide({ ...ask, key: 'other', cost: LIMIT - 1 })).toMatchObject({ allowed: true, remaining: 0 });
});

it('decides by the limit of the call, not by that under which tokens were taken', async () => {
  const { leases } = fleet(1);
  const [tokens] = leases;
  for (let n = 0; n < 3; n++) expect(await tokens?.decide(ask)).toMatchObject({ allowed: true, limit: LIMIT });
  expect(await tokens?.decide({ ...ask, rules: rules(2) })).toMatchObject({ allowed: false, limit: 2 });
  expect(await tokens?.decide({ ...ask, rules: rules(0) })).toMatchObject({ allowed: false, limit: 0 });
  expect(await tokens?.decide({ ...ask, rules: rules(200), cost: 150 })).toMatchObject({ allowed: true, limit: 200 });
  expect(await tokens?.decide(ask)).toMatchObject({ allowed: true, limit: LIMIT });
});
