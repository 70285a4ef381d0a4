import type { Cancel, Clock } from '../shared/clock.js';
import { Decision } from './decision.js';
import type { LimitAsk, LimitStore, ScopeRule } from './limit-store.js';

/** How long tokens are kept that nobody spends, ms. */
const KEPT_MS = 1_000;

interface Waiting {
  readonly ask: LimitAsk;
  readonly take: (decision: Decision | Promise<Decision>) => void;
}

/** The tokens of one identity in this process. */
interface Pool {
  tokens: number;
  /** Local time at which they are given back. */
  until: number;
  /** Ask for what is given back under; its limit is that under which tokens are taken. */
  ask: LimitAsk;
  /** What the store had left when it was last asked. */
  left: number;
  resetAfter: number;
  waiting: Waiting[];
  /** More is being asked for. */
  asking: Promise<void> | undefined;
}

/**
 * Tokens taken ahead for rules that are `'leased'`: counted in the store first, a lease at a time, and spent here without
 * asking. What is not spent within a second is given back. At most one lease of an identity is held by a process, so
 * N processes admit, in any span, what the store's algorithm admits and `N × lease` that was counted before it.
 */
export class LeasedTokens implements LimitStore {
  readonly #pools = new Map<string, Pool>();
  #sweeping: Cancel | undefined;
  #isClosed = false;

  /** @param clock local time */
  constructor(
    private readonly store: LimitStore,
    private readonly clock: Clock,
  ) {}

  decide(ask: LimitAsk): Decision | Promise<Decision> {
    const [rule] = ask.rules;
    if (rule === undefined || rule.algorithm !== 'leased' || this.#isClosed) return this.store.decide(ask);
    const pool = this.#poolOf(ask);
    // A limit of this call alone: what was taken ahead was taken under another.
    if (!isUnder(pool, rule)) return this.store.decide(ask);
    if (pool.waiting.length === 0 && pool.tokens >= ask.cost && this.#isFresh(pool)) {
      const decision = spend(pool, rule, ask.cost);
      // The next lease is asked for before this one is spent, so that nobody has to wait for it.
      if (pool.tokens < rule.lease / 4 && pool.left > 0) this.#ask(ask.key, pool);
      return decision;
    }
    return new Promise((take) => {
      pool.waiting.push({ ask, take });
      // Who asks in the same turn is counted with the first.
      if (pool.waiting.length === 1) queueMicrotask(() => this.#ask(ask.key, pool));
    });
  }

  adjust(ask: LimitAsk, counted?: Decision): void | Promise<void> {
    const pool = this.#pools.get(ask.key);
    const [rule] = ask.rules;
    const isFull = pool === undefined || rule === undefined || pool.tokens - ask.cost > rule.lease;
    if (ask.cost >= 0 || counted?.storeDown === true || isFull || !isUnder(pool, rule) || !this.#isFresh(pool)) {
      return this.store.adjust(ask, counted);
    }
    pool.tokens -= ask.cost;
  }

  reset(key: string): void | Promise<void> {
    const pool = this.#pools.get(key);
    if (pool !== undefined) pool.tokens = 0;
    return this.store.reset(key);
  }

  probe(): void | Promise<void> {
    return this.store.probe();
  }

  /** Gives back all that was not spent. Who waits is decided by the store. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweeping?.();
    this.#sweeping = undefined;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.allSettled(pools.map((pool) => this.#end(pool)));
  }

  async #end(pool: Pool): Promise<void> {
    const decided = async (ask: LimitAsk): Promise<Decision> => this.store.decide(ask);
    for (const { ask, take } of pool.waiting.splice(0)) take(decided(ask));
    // What is under way brings more to give back.
    await pool.asking;
    await this.#giveBack(pool);
  }

  #isFresh(pool: Pool): boolean {
    return this.clock.now() < pool.until;
  }

  #poolOf(ask: LimitAsk): Pool {
    const known = this.#pools.get(ask.key);
    if (known !== undefined) return known;
    const pool = { tokens: 0, until: 0, ask, left: 0, resetAfter: 0, waiting: [], asking: undefined };
    this.#pools.set(ask.key, pool);
    this.#sweeping ??= this.clock.after(KEPT_MS, () => this.#sweep());
    return pool;
  }

  #ask(key: string, pool: Pool): void {
    if (pool.asking !== undefined || this.#pools.get(key) !== pool) return;
    pool.asking = this.#refill(pool).finally(() => {
      pool.asking = undefined;
      if (pool.waiting.length > 0) this.#ask(key, pool);
    });
  }

  async #refill(pool: Pool): Promise<void> {
    const served = pool.waiting;
    pool.waiting = [];
    const ask = served[0]?.ask ?? pool.ask;
    try {
      await this.#take(
        pool,
        ask,
        served.reduce((sum, each) => sum + each.ask.cost, 0),
      );
      for (const { ask: own, take } of served) {
        const [rule] = own.rules;
        // Who gets no token is told by the store when to come again.
        take(rule !== undefined && pool.tokens >= own.cost ? spend(pool, rule, own.cost) : this.store.decide(own));
      }
    } catch (error) {
      for (const { take } of served) take(Promise.reject(error as Error));
    }
  }

  /** Takes what is needed and a lease, or else what there is. */
  async #take(pool: Pool, ask: LimitAsk, needed: number): Promise<void> {
    const { lease = 1, limit = 1 } = ask.rules[0] ?? {};
    this.#expire(pool);
    const sent = this.clock.now();
    let cost = Math.min(needed + lease - pool.tokens, Math.max(needed, limit));
    if (cost <= 0) return;
    let decision = await this.store.decide({ ...ask, cost });
    if (!decision.allowed && !decision.storeDown && decision.remaining >= 1) {
      cost = Math.min(cost, decision.remaining);
      decision = await this.store.decide({ ...ask, cost });
    }
    pool.left = decision.remaining;
    pool.resetAfter = decision.resetAfter;
    if (!decision.allowed || decision.storeDown) return;
    pool.tokens += cost;
    pool.until = sent + KEPT_MS;
    pool.ask = ask;
  }

  /** What lay too long is given back, whether or not more is asked for. */
  #expire(pool: Pool): void {
    if (pool.tokens > 0 && this.clock.now() >= pool.until) void this.#giveBack(pool).catch(() => undefined);
  }

  #sweep(): void {
    for (const [key, pool] of this.#pools) {
      this.#expire(pool);
      if (pool.tokens === 0 && pool.waiting.length === 0 && pool.asking === undefined) this.#pools.delete(key);
    }
    this.#sweeping = this.#pools.size === 0 ? undefined : this.clock.after(KEPT_MS, () => this.#sweep());
  }

  async #giveBack(pool: Pool): Promise<void> {
    const { tokens, ask } = pool;
    pool.tokens = 0;
    if (tokens > 0) await this.store.adjust({ ...ask, cost: -tokens });
  }
}

/** Whether it is for the pool to decide: there is none for what counts otherwise, or under another limit. */
function isUnder({ ask }: Pool, rule: ScopeRule): boolean {
  const [own] = ask.rules;
  return own !== undefined && own.id === rule.id && own.limit === rule.limit && rule.algorithm === 'leased';
}

function spend(pool: Pool, { name, limit, per, shadow }: ScopeRule, cost: number): Decision {
  pool.tokens -= cost;
  const { resetAfter } = pool;
  const remaining = Math.floor(pool.left + pool.tokens);
  return new Decision(true, [{ rule: name, allowed: true, limit, per, remaining, retryAfter: 0, resetAfter, shadow }]);
}
