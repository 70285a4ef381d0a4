import { CacheConfigError } from '../errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { OperationBudget } from '../protection/operation-budget.js';
import type { Cancel, Clock } from '../shared/clock.js';
import { Decision, type RuleDecision } from './decision.js';
import type { LimitAsk, LimitStore, ScopeRule } from './limit-store.js';

export interface OutageParts {
  /** The one that all processes share. Answers or fails within a bounded time. */
  readonly store: LimitStore;
  /** Counts for rules that say `'local'`. */
  readonly local: LimitStore;
  /** Local time. */
  readonly clock: Clock;
  readonly events: EventHub;
  /** What this process may ask of the store. */
  readonly budget?: OperationBudget | undefined;
}

/** Failures in a row after which the store is no longer asked. */
const FAILURES = 3;

/** How often a store that is down is asked whether it is back, ms. */
const PROBE_MS = 250;

/** When to ask again, where nobody knows: ms. */
const RETRY_MS = 1_000;

/**
 * Lets rules decide by themselves what happens while the shared store does not answer. After three failures in a row it
 * is not waited for any more: it is asked in the background whether it is back. What was decided without it is not made
 * up for.
 */
export class OutageStore implements LimitStore {
  #failures = 0;
  #isDown = false;
  /** Why it is down. */
  #reason: unknown;
  #probing: Cancel | undefined;

  constructor(private readonly parts: OutageParts) {}

  decide(ask: LimitAsk): Decision | Promise<Decision> {
    // Above the budget it answers, but this process asks too much of it.
    if (this.#isDown || this.parts.budget?.take() === false) return this.#without(ask);
    try {
      const decided = this.parts.store.decide(ask);
      if (decided instanceof Promise) return decided.then(this.#answered, (error: unknown) => this.#failed(ask, error));
      return this.#answered(decided);
    } catch (error) {
      return this.#failed(ask, error);
    }
  }

  async adjust(ask: LimitAsk, counted?: Decision): Promise<void> {
    // Who counted it gives it back.
    if (counted?.storeDown !== false) await this.parts.local.adjust(ask);
    if (counted?.storeDown === true) return;
    if (this.#isDown) throw this.#reason;
    await this.parts.store.adjust(ask);
  }

  async reset(key: string): Promise<void> {
    await this.parts.local.reset(key);
    if (this.#isDown) throw this.#reason;
    await this.parts.store.reset(key);
  }

  probe(): void | Promise<void> {
    return this.parts.store.probe();
  }

  /** Asks no more. */
  close(): void {
    this.#probing?.();
    this.#probing = undefined;
    this.#reason ??= new Error('The application has ended.');
    this.#isDown = true;
  }

  readonly #answered = (decision: Decision): Decision => {
    this.#failures = 0;
    return decision;
  };

  #failed(ask: LimitAsk, error: unknown): Decision | Promise<Decision> {
    // The store has answered: it is under this key alone that nobody can count.
    if (error instanceof CacheConfigError) throw error;
    if (++this.#failures >= FAILURES && !this.#isDown) this.#down(error);
    return this.#without(ask);
  }

  #down(error: unknown): void {
    this.#isDown = true;
    this.#reason = error;
    this.parts.events.emit({ type: 'limit-store-lost', error });
    this.#probeLater();
  }

  #probeLater(): void {
    this.#probing = this.parts.clock.after(PROBE_MS, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    try {
      await this.parts.store.probe();
    } catch {
      if (this.#probing !== undefined) this.#probeLater();
      return;
    }
    if (this.#probing === undefined) return;
    this.#probing = undefined;
    this.#failures = 0;
    this.#isDown = false;
    this.parts.events.emit({ type: 'limit-store-ready' });
  }

  /** The strictest of its rules decides for the scope: they are counted together. */
  #without(ask: LimitAsk): Decision | Promise<Decision> {
    const enforced = ask.rules.filter(({ shadow }) => !shadow);
    if (enforced.some(({ whenStoreDown }) => whenStoreDown === 'closed')) {
      return new Decision(
        false,
        ask.rules.map((rule) => unasked(rule, rule.whenStoreDown !== 'closed')),
        true,
      );
    }
    const counted = ask.rules.filter(({ whenStoreDown }) => whenStoreDown === 'local');
    if (counted.length === 0)
      return new Decision(
        true,
        ask.rules.map((rule) => unasked(rule, true)),
        true,
      );
    const decided = this.parts.local.decide({ ...ask, rules: counted });
    return decided instanceof Promise ? decided.then(marked) : marked(decided);
  }
}

function marked({ allowed, rules }: Decision): Decision {
  return new Decision(allowed, rules, true);
}

function unasked({ name, limit, per, shadow }: ScopeRule, allowed: boolean): RuleDecision {
  const retryAfter = allowed ? 0 : RETRY_MS;
  return {
    rule: name,
    allowed,
    limit,
    per,
    remaining: allowed ? limit : 0,
    retryAfter,
    resetAfter: retryAfter,
    shadow,
  };
}
