import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryLimitStore } from '../../libs/cache/src/drivers/memory/limits/memory-limit-store.js';
import type { LimitStore, ScopeRule } from '../../libs/cache/src/core/limits/limit-store.js';
import { resolveRule, type LimitRule } from '../../libs/cache/src/core/limits/rule.js';
import { rulesFor, scopesOf } from '../../libs/cache/src/core/limits/scopes.js';
import { FakeClock } from '../support/core.js';

export interface LimitSubject {
  readonly name: string;
  readonly open: () => Promise<LimitStore> | LimitStore;
  /** Lets so many ms pass. */
  readonly pass: (ms: number) => Promise<void> | void;
  /** A span that is long against what the store takes to answer, ms. */
  readonly span: number;
}

const ALGORITHMS = ['gcra', 'sliding', 'exact'] as const;
const DAY = '1d';

/** Rules of one scope, as a store takes them. */
export function rules(...written: readonly Omit<LimitRule, 'name' | 'scope'>[]): readonly ScopeRule[] {
  const resolved = written.map((rule, at) => resolveRule({ ...rule, name: `rule-${at}`, scope: 'scope' }, 'contract'));
  const [scope] = scopesOf(resolved);
  if (scope === undefined) throw new Error('no rules');
  return rulesFor(scope)({ args: [], request: undefined });
}

const newKey = () => `scope,${randomUUID()}`;

/** What every `LimitStore` keeps to. */
export function limitStoreContract({ name, open, pass, span }: LimitSubject): void {
  describe(`limits: ${name}`, () => {
    it.each(ALGORITHMS)('%s admits the limit and no more, however many ask at once', async (algorithm) => {
      const store = await open();
      const ask = { key: newKey(), rules: rules({ limit: 10, per: DAY, algorithm }), cost: 1 };
      const decisions = await Promise.all(Array.from({ length: 40 }, async () => store.decide(ask)));
      expect(decisions.map(({ allowed }) => allowed)).toEqual(Array.from({ length: 40 }, (_, at) => at < 10));
      expect(decisions.slice(0, 10).map(({ remaining }) => remaining)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      expect(decisions[39]?.retryAfter).toBeGreaterThan(0);
      expect((await store.decide(ask)).allowed).toBe(false);
      expect((await store.decide({ ...ask, key: newKey() })).allowed).toBe(true);
    });

    it.each(ALGORITHMS)('%s admits again who comes when he was told to', async (algorithm) => {
      const store = await open();
      const ask = { key: newKey(), rules: rules({ limit: 2, per: span, algorithm }), cost: 1 };
      await store.decide({ ...ask, cost: 2 });
      const refused = await store.decide(ask);
      expect(refused.allowed).toBe(false);
      expect(refused.retryAfter).toBeLessThanOrEqual(2 * span);
      await pass(Math.ceil(refused.retryAfter) + 1);
      expect((await store.decide(ask)).allowed).toBe(true);
    });

    it('counts a request under all rules of its scope or under none', async () => {
      const store = await open();
      const all = rules(
        ...Array.from({ length: 8 }, (_, at) => ({ limit: 8 - at, per: DAY, algorithm: ALGORITHMS[at % 3] }) as const),
      );
      const ask = { key: newKey(), rules: all, cost: 1 };
      expect((await store.decide(ask)).allowed).toBe(true);
      const refused = await store.decide(ask);
      expect(refused).toMatchObject({ allowed: false, violated: ['rule-7'] });
      expect(refused.rules.map(({ remaining }) => remaining)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
      expect((await store.decide(ask)).rules.map(({ remaining }) => remaining)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    });

    it('lets pass what a rule in the shadow refuses, and says so', async () => {
      const store = await open();
      const all = rules({ limit: 1, per: DAY, shadow: true }, { limit: 5, per: DAY });
      const ask = { key: newKey(), rules: all, cost: 1 };
      await store.decide(ask);
      const second = await store.decide(ask);
      expect(second).toMatchObject({ allowed: true, violated: [], remaining: 3 });
      expect(second.rules[0]).toMatchObject({ allowed: false, shadow: true });
    });

    it.each(ALGORITHMS)('%s gives back, counts beyond the limit, and forgets', async (algorithm) => {
      const store = await open();
      const ask = { key: newKey(), rules: rules({ limit: 5, per: DAY, algorithm }), cost: 5 };
      await store.decide(ask);
      await store.adjust({ ...ask, cost: -2 });
      expect(await store.decide({ ...ask, cost: 1 })).toMatchObject({ allowed: true, remaining: 1 });
      await store.adjust({ ...ask, cost: 20 });
      await store.adjust({ ...ask, cost: -18 });
      expect(await store.decide({ ...ask, cost: 1 })).toMatchObject({ allowed: false, remaining: 0 });
      await store.reset(ask.key);
      expect(await store.decide(ask)).toMatchObject({ allowed: true, remaining: 0 });
    });

    it('keeps its counts when a limit changes or a rule is added', async () => {
      const store = await open();
      const key = newKey();
      await store.decide({ key, rules: rules({ limit: 5, per: DAY }), cost: 4 });
      expect(await store.decide({ key, rules: rules({ limit: 8, per: DAY }), cost: 1 })).toMatchObject({
        remaining: 3,
      });
      const two = rules({ limit: 8, per: DAY }, { limit: 9, per: DAY });
      expect((await store.decide({ key, rules: two, cost: 1 })).rules.map(({ remaining }) => remaining)).toEqual([
        2, 8,
      ]);
    });

    it('decides as the algorithms do, whatever is asked', async () => {
      const store = await open();
      const rule = fc.record({ limit: fc.integer({ min: 1, max: 20 }), algorithm: fc.constantFrom(...ALGORITHMS) });
      const costs = fc.array(fc.constantFrom(1, 1, 1, 2, 5, 0.5), { minLength: 1, maxLength: 30 });
      const traces = fc.array(costs, { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 4 }), traces, async (written, ticks) => {
          const all = rules(...written.map((one) => ({ ...one, per: '30d' as const })));
          const key = newKey();
          const model = new MemoryLimitStore(new FakeClock());
          for (const tick of ticks) {
            const said = await Promise.all(tick.map(async (cost) => store.decide({ key, rules: all, cost })));
            const meant = tick.map((cost) => model.decide({ key, rules: all, cost }));
            expect(said.map(answerOf)).toEqual(meant.map(answerOf));
          }
        }),
        { numRuns: 100 },
      );
    });

    it('says whether it answers', async () => {
      const store = await open();
      await expect((async () => store.probe())()).resolves.toBeUndefined();
    });
  });
}

function answerOf({ allowed, violated, rules: said }: Awaited<ReturnType<LimitStore['decide']>>) {
  return { allowed, violated, rules: said.map(({ rule, allowed: own }) => ({ rule, own })) };
}
