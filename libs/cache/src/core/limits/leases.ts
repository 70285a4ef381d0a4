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
  /** Ask for what is given back under. */
  ask: LimitAsk;
  /** What the store had left when it was last asked. */
  left: number;
  resetAfter: number;
  waiting: Waiting[];
  isAsking: boolean;
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
    // The limit of this call alone: what was taken ahead was allowed by another.
    if (pool.ask.rules[0]?.limit !== rule.limit) return this.store.decide(ask);
    if (pool.waiting.length === 0 && pool.tokens >= ask.cost && this.clock.now() < pool.until) {
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

  adjust(ask: LimitAsk): void | Promise<void> {
    const pool = this.#pools.get(ask.key);
    const isRefund = ask.cost < 0 && pool !== undefined && this.clock.now() < pool.until;
    if (!isRefund || pool.tokens - ask.cost > (ask.rules[0]?.lease ?? 0)) return this.store.adjust(ask);
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
    for (const pool of this.#pools.values()) {
      for (const { ask, take } of pool.waiting.splice(0)) take(this.#decided(ask));
    }
    await Promise.allSettled([...this.#pools.values()].map(async (pool) => this.#giveBack(pool)));
    this.#pools.clear();
  }

  async #decided(ask: LimitAsk): Promise<Decision> {
    return this.store.decide(ask);
  }

  #poolOf(ask: LimitAsk): Pool {
    const known = this.#pools.get(ask.key);
    if (known !== undefined) return known;
    const pool = { tokens: 0, until: 0, ask, left: 0, resetAfter: 0, waiting: [], isAsking: false };
    this.#pools.set(ask.key, pool);
    this.#sweeping ??= this.clock.after(KEPT_MS, () => this.#sweep());
    return pool;
  }

  #ask(key: string, pool: Pool): void {
    if (pool.isAsking || this.#pools.get(key) !== pool) return;
    pool.isAsking = true;
    void this.#refill(pool).finally(() => {
      pool.isAsking = false;
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
      if (pool.tokens === 0 && pool.waiting.length === 0 && !pool.isAsking) this.#pools.delete(key);
    }
    this.#sweeping = this.#pools.size === 0 ? undefined : this.clock.after(KEPT_MS, () => this.#sweep());
  }

  async #giveBack(pool: Pool): Promise<void> {
    const { tokens, ask } = pool;
    pool.tokens = 0;
    if (tokens > 0) await this.store.adjust({ ...ask, cost: -tokens });
  }
}

function spend(pool: Pool, { name, limit, per, shadow }: ScopeRule, cost: number): Decision {
  pool.tokens -= cost;
  const { resetAfter } = pool;
  const remaining = Math.floor(pool.left + pool.tokens);
  return new Decision(true, [{ rule: name, allowed: true, limit, per, remaining, retryAfter: 0, resetAfter, shadow }]);
}
