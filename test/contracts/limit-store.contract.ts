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

    it.each(ALGORITHMS)(
      '%s keeps what was counted when a request asks under other rules of the scope',
      async (algorithm) => {
        const store = await open();
        const [burst, day] = rules({ limit: 5, per: DAY, algorithm }, { limit: 3, per: '2d', algorithm });
        if (burst === undefined || day === undefined) throw new Error('no rules');
        const key = newKey();
        const lists = { both: [burst, day], burst: [burst], day: [day] };
        const left = async (of: keyof typeof lists) => (await store.decide({ key, rules: lists[of], cost: 1 })).rules;
        expect((await left('both')).map(({ remaining }) => remaining)).toEqual([4, 2]);
        expect((await left('burst')).map(({ remaining }) => remaining)).toEqual([3]);
        expect((await left('day')).map(({ remaining }) => remaining)).toEqual([1]);
        await store.adjust({ key, rules: lists.burst, cost: 1 });
        await store.adjust({ key, rules: lists.day, cost: -1 });
        expect((await left('both')).map(({ remaining }) => remaining)).toEqual([1, 1]);
        await left('day');
        const refused = await store.decide({ key, rules: lists.both, cost: 1 });
        expect(refused.rules.map(({ allowed }) => allowed)).toEqual([true, false]);
        expect((await left('burst')).map(({ remaining }) => remaining)).toEqual([0]);
      },
    );

    it('keeps the counts of a rule as long as they count, however short those are that ask later', async () => {
      const store = await open();
      const [long, short] = rules({ limit: 2, per: DAY }, { limit: 9, per: span });
      if (long === undefined || short === undefined) throw new Error('no rules');
      const key = newKey();
      await store.decide({ key, rules: [long], cost: 2 });
      await store.decide({ key, rules: [short], cost: 1 });
      await pass(2 * span);
      await store.decide({ key, rules: [short], cost: 1 });
      expect((await store.decide({ key, rules: [long], cost: 1 })).allowed).toBe(false);
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

    it('keeps what other rules of the scope have counted when only some of them are asked', async () => {
      const store = await open();
      const all = rules(...ALGORITHMS.map((algorithm) => ({ limit: 9, per: DAY, algorithm }) as const));
      const [first, second, third] = all.map((rule) => [rule]);
      if (first === undefined || second === undefined || third === undefined) throw new Error('too few rules');
      const key = newKey();
      const left = async (asked: readonly ScopeRule[], cost = 1) =>
        (await store.decide({ key, rules: asked, cost })).rules.map(({ remaining }) => remaining);
      expect(await left(all)).toEqual([8, 8, 8]);
      for (const one of [first, second, third]) expect(await left(one)).toEqual([7]);
      expect(await left([...third, ...first])).toEqual([6, 6]);
      await store.adjust({ key, rules: second, cost: 4 });
      await store.adjust({ key, rules: third, cost: -2 });
      expect(await left(first, 100)).toEqual([6]);
      expect(await left(all)).toEqual([5, 2, 7]);
      await store.reset(key);
      expect(await left(all)).toEqual([8, 8, 8]);
    });

    it('keeps them apart when they are asked in one turn', async () => {
      const store = await open();
      const both = rules({ limit: 5, per: DAY }, { limit: 5, per: DAY });
      const lists = [both, both.slice(0, 1), both.slice(1), both.slice(1)];
      const key = newKey();
      await Promise.all(lists.map(async (asked) => store.decide({ key, rules: asked, cost: 1 })));
      const { rules: said } = await store.decide({ key, rules: both, cost: 1 });
      expect(said.map(({ remaining }) => remaining)).toEqual([2, 1]);
    });

    it.each(ALGORITHMS)('%s counts on while others of its scope are asked that end sooner', async (algorithm) => {
      const store = await open();
      const all = rules({ limit: 2, per: span }, { limit: 2, per: 4 * span, algorithm });
      const [short, long] = [all.slice(0, 1), all.slice(1)];
      const key = newKey();
      await store.decide({ key, rules: long, cost: 2 });
      await store.decide({ key, rules: short, cost: 1 });
      await pass(span);
      await store.adjust({ key, rules: short, cost: 1 });
      await store.adjust({ key, rules: short, cost: -1 });
      expect((await store.decide({ key, rules: long, cost: 2 })).allowed).toBe(false);
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
