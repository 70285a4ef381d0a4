import type { Clock } from '../shared/clock.js';
import { Decision } from './decision.js';
import type { LimitAsk, LimitStore, ScopeRule } from './limit-store.js';

interface Denial {
  readonly decision: Decision;
  readonly rules: readonly ScopeRule[];
  readonly cost: number;
  /** Local times, ms. */
  readonly at: number;
  readonly until: number;
}

/** Denials that are remembered, the latest. */
const MOST = 10_000;

/** So long at most: another process may have given back or reset what was counted. */
const LONGEST_MS = 10_000;

/**
 * Remembers who was refused until that can change, so that a flood costs the store nothing: until the request could be
 * admitted, but 10 s at most. Who asks for less, or under another limit, is asked for again.
 */
export class RememberedDenials implements LimitStore {
  readonly #denials = new Map<string, Denial>();

  /** @param clock local time */
  constructor(
    private readonly store: LimitStore,
    private readonly clock: Clock,
    private readonly most = MOST,
  ) {}

  decide(ask: LimitAsk): Decision | Promise<Decision> {
    const now = this.clock.now();
    const denial = this.#denials.get(ask.key);
    if (denial !== undefined) {
      if (now < denial.until && ask.cost >= denial.cost && isSame(denial.rules, ask.rules))
        return repeated(denial, now);
      if (now >= denial.until) this.#denials.delete(ask.key);
    }
    const decided = this.store.decide(ask);
    if (!(decided instanceof Promise)) return this.#remembered(ask, decided, now);
    return decided.then((decision) => this.#remembered(ask, decision, now));
  }

  adjust(ask: LimitAsk, counted?: Decision): void | Promise<void> {
    this.#denials.delete(ask.key);
    return this.store.adjust(ask, counted);
  }

  reset(key: string): void | Promise<void> {
    this.#denials.delete(key);
    return this.store.reset(key);
  }

  probe(): void | Promise<void> {
    return this.store.probe();
  }

  #remembered(ask: LimitAsk, decision: Decision, at: number): Decision {
    if (decision.allowed || decision.storeDown) return decision;
    const until = at + Math.min(decision.retryAfter, LONGEST_MS);
    this.#denials.delete(ask.key);
    this.#denials.set(ask.key, { decision, rules: ask.rules, cost: ask.cost, at, until });
    if (this.#denials.size > this.most) {
      const [oldest] = this.#denials.keys();
      if (oldest !== undefined) this.#denials.delete(oldest);
    }
    return decision;
  }
}

/** The same answer, so much later. */
function repeated({ decision, at }: Denial, now: number): Decision {
  const passed = now - at;
  const rules = decision.rules.map((rule) => ({
    ...rule,
    retryAfter: Math.max(0, rule.retryAfter - passed),
    resetAfter: Math.max(0, rule.resetAfter - passed),
  }));
  return new Decision(false, rules);
}

function isSame(one: readonly ScopeRule[], other: readonly ScopeRule[]): boolean {
  if (one === other) return true;
  return (
    one.length === other.length && one.every(({ id, limit }, at) => other[at]?.id === id && other[at].limit === limit)
  );
}
