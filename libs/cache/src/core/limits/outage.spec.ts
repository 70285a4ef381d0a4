import { expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { MemoryLimitStore } from '../../drivers/memory/limits/memory-limit-store.js';
import { CacheConfigError } from '../errors.js';
import { EventHub } from '../events/event-hub.js';
import type { Decision } from './decision.js';
import type { LimitAsk, LimitStore } from './limit-store.js';
import { OutageStore } from './outage.js';
import { RateLimiter } from './rate-limiter.js';
import { resolveRule } from './rule.js';
import { rulesFor, scopesOf } from './scopes.js';

const LIMIT = 10;

function rules(limit = LIMIT) {
  const [scope] = scopesOf([resolveRule({ name: 'r', limit, per: '1d' }, 'spec')]);
  return scope === undefined ? [] : rulesFor(scope)({ args: [], request: undefined });
}

const ask: LimitAsk = { key: 'k', rules: rules(), cost: 1 };

/** The store of a fleet: it answers, fails, or never answers. */
class Shared implements LimitStore {
  readonly memory: MemoryLimitStore;
  failure: Error | undefined;
  isSilent = false;
  asked = 0;

  constructor(clock: FakeClock) {
    this.memory = new MemoryLimitStore(clock);
  }

  decide = (one: LimitAsk): Promise<Decision> => this.#answer(() => this.memory.decide(one));
  adjust = (one: LimitAsk): Promise<void> => this.#answer(() => this.memory.adjust(one));
  reset = (key: string): Promise<void> => this.#answer(() => this.memory.reset(key));
  probe = (): Promise<void> => this.#answer(() => undefined);

  async #answer<T>(work: () => T): Promise<T> {
    this.asked++;
    if (this.isSilent) await new Promise(() => undefined);
    if (this.failure !== undefined) throw this.failure;
    return work();
  }
}

function start() {
  const clock = new FakeClock();
  const shared = new Shared(clock);
  const local = new MemoryLimitStore(clock);
  const events = new EventHub();
  const told: string[] = [];
  for (const type of ['limit-store-lost', 'limit-store-ready'] as const) events.on(type, () => told.push(type));
  const store = new OutageStore({ store: shared, local, clock, events });
  const limiter = new RateLimiter({ store, events, fullKey: (key) => key });
  const left = (of: MemoryLimitStore, key = ask.key) => of.decide({ ...ask, key }).remaining;
  const lose = async () => {
    shared.failure = new Error('away');
    for (let n = 0; n < 3; n++) await store.decide({ ...ask, key: 'lost' });
    expect(told).toEqual(['limit-store-lost']);
    shared.asked = 0;
  };
  return { clock, shared, local, store, limiter, told, left, lose };
}

it('asks a store that is known to be down for nothing', async () => {
  const { shared, local, store, left, lose } = start();
  await lose();
  expect(await store.decide(ask)).toMatchObject({ allowed: true, storeDown: true });
  await expect(store.adjust({ ...ask, cost: 5 })).rejects.toThrow('away');
  await expect(store.reset('other')).rejects.toThrow('away');
  expect(shared.asked).toBe(0);
  // Until it is back those are the counts that matter.
  expect(left(local)).toBe(LIMIT - 7);
});

it('gives back where it was counted', async () => {
  const { clock, shared, local, store, told, left, lose } = start();
  const near = await store.decide(ask);
  await lose();
  const alone = await store.decide(ask);
  expect([near.storeDown, alone.storeDown]).toEqual([false, true]);
  shared.failure = undefined;
  clock.advance(250);
  await Promise.resolve();
  await Promise.resolve();
  expect(told.at(-1)).toBe('limit-store-ready');
  await store.adjust({ ...ask, cost: -1 }, alone);
  expect([left(local), left(shared.memory)]).toEqual([LIMIT - 1, LIMIT - 2]);
  await store.adjust({ ...ask, cost: -2 }, near);
  expect([left(local), left(shared.memory)]).toEqual([LIMIT - 2, LIMIT - 1]);
});

it('refuses without waiting until what was counted before is given back', async () => {
  const { shared, limiter, left } = start();
  const full: LimitAsk = { key: 'full', rules: rules(1), cost: 2 };
  const refuse = async () => limiter.check([ask, full]);
  expect(await refuse()).toMatchObject({ allowed: false });
  expect(left(shared.memory)).toBe(LIMIT - 1);
  const { adjust } = shared;
  shared.adjust = (one) => {
    shared.isSilent = true;
    return adjust(one);
  };
  expect(await refuse()).toMatchObject({ allowed: false, storeDown: false });
});

it('tells who asks for a key of somebody else, and does not take it for an outage', async () => {
  const { shared, store, told } = start();
  shared.failure = new CacheConfigError("the key 'k' holds a hash");
  for (let n = 0; n < 5; n++) await expect(store.decide(ask)).rejects.toBe(shared.failure);
  shared.failure = undefined;
  expect(await store.decide(ask)).toMatchObject({ allowed: true, storeDown: false });
  expect(told).toEqual([]);
});
