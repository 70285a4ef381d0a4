import { expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { MemoryLimitStore } from '../../drivers/memory/limits/memory-limit-store.js';
import type { Decision } from './decision.js';
import { RememberedDenials } from './denials.js';
import type { LimitAsk } from './limit-store.js';
import { resolveRule } from './rule.js';
import { rulesFor, scopesOf } from './scopes.js';

class Counted extends MemoryLimitStore {
  asked = 0;

  override decide(ask: LimitAsk): Decision {
    this.asked++;
    return super.decide(ask);
  }
}

function start(per: number, most?: number) {
  const clock = new FakeClock();
  const store = new Counted(clock);
  const [scope] = scopesOf([resolveRule({ name: 'r', limit: 2, per }, 'spec')]);
  const rules = scope === undefined ? [] : rulesFor(scope)({ args: [], request: undefined });
  const decide = async (key = 'k', cost = 1) => denials.decide({ key, rules, cost });
  const denials = new RememberedDenials(store, clock, most);
  return { clock, store, rules, denials, decide };
}

it('asks the store no more for who is refused, until that can change', async () => {
  const { clock, store, decide } = start(1_000);
  await decide('k', 2);
  const first = await decide();
  expect(first).toMatchObject({ allowed: false, retryAfter: 500 });
  clock.advance(400);
  expect(await decide()).toMatchObject({ allowed: false, retryAfter: 100, violated: ['r'] });
  expect(store.asked).toBe(2);
  clock.advance(100);
  expect(await decide()).toMatchObject({ allowed: true });
});

it('asks for who asks for less, and after what was counted has changed', async () => {
  const { store, rules, denials, decide } = start(60_000);
  await decide();
  expect(await decide('k', 2)).toMatchObject({ allowed: false });
  expect(await decide('k', 1)).toMatchObject({ allowed: true });
  expect(await decide()).toMatchObject({ allowed: false });
  await denials.adjust({ key: 'k', rules, cost: -1 });
  expect(await decide()).toMatchObject({ allowed: true });
  await decide();
  await denials.reset('k');
  expect(await decide()).toMatchObject({ allowed: true });
  expect(store.asked).toBe(7);
});

it('asks at least every ten seconds: another process may have changed it', async () => {
  const { clock, store, decide } = start(3_600_000);
  await decide('k', 2);
  await decide();
  clock.advance(9_999);
  await decide();
  expect(store.asked).toBe(2);
  clock.advance(1);
  await decide();
  expect(store.asked).toBe(3);
});

it('forgets the oldest of too many', async () => {
  const { store, decide } = start(60_000, 2);
  for (const key of ['a', 'b', 'c']) {
    await decide(key, 2);
    await decide(key);
  }
  const { asked } = store;
  await decide('b');
  await decide('c');
  expect(store.asked).toBe(asked);
  await decide('a');
  expect(store.asked).toBe(asked + 1);
});
