import type { EventHub } from '../events/event-hub.js';
import { JointDecision, type Decision } from './decision.js';
import type { LimitAsk, LimitStore } from './limit-store.js';

export interface RateLimiterParts {
  readonly store: LimitStore;
  readonly events: EventHub;
  /** The full key, for events. */
  readonly fullKey: (key: string) => string;
}

/**
 * Decides requests by their scopes, one after the other in the order given. What a scope refuses was counted by none of
 * its rules; what earlier scopes counted is given back. Between the two another request may be refused for it: only
 * within a scope are rules decided at once.
 */
export class RateLimiter {
  constructor(private readonly parts: RateLimiterParts) {}

  check(asks: readonly LimitAsk[]): Decision | Promise<Decision> {
    const only = asks[0];
    return only === undefined || asks.length > 1 ? this.#inTurn(asks) : this.decide(only);
  }

  /** Decides by the rules of one scope. */
  decide(ask: LimitAsk): Decision | Promise<Decision> {
    const decided = this.parts.store.decide(ask);
    return decided instanceof Promise ? this.#toldLater(ask, decided) : this.#told(ask, decided);
  }

  #toldLater(ask: LimitAsk, decided: Promise<Decision>): Promise<Decision> {
    return decided.then((decision) => this.#told(ask, decision));
  }

  /** Counts more (a penalty) or less (a reward, a refund) than was asked for. @throws as the store. */
  async adjust(asks: readonly LimitAsk[]): Promise<void> {
    await Promise.all(asks.map(async (ask) => this.parts.store.adjust(ask)));
  }

  /** Forgets what was counted. @throws as the store. */
  async reset(asks: readonly LimitAsk[]): Promise<void> {
    await Promise.all(asks.map(async ({ key }) => this.parts.store.reset(key)));
  }

  async #inTurn(asks: readonly LimitAsk[]): Promise<Decision> {
    const decisions: Decision[] = [];
    for (const [at, ask] of asks.entries()) {
      const decision = this.#told(ask, await this.parts.store.decide(ask));
      decisions.push(decision);
      if (decision.allowed) continue;
      this.giveBack(asks.slice(0, at), new JointDecision(decisions));
      break;
    }
    return new JointDecision(decisions);
  }

  /**
   * Gives back what was counted for a request that is refused after all. Nobody waits for it, and what cannot be given back
   * counts until it has run down.
   * @param decision of these asks
   */
  giveBack(asks: readonly LimitAsk[], decision: Decision): void {
    const parts = decision instanceof JointDecision ? decision.parts : [decision];
    for (const [at, ask] of asks.entries()) {
      void (async () => this.parts.store.adjust({ ...ask, cost: -ask.cost }, parts[at]))().catch(() => undefined);
    }
  }

  #told({ key }: LimitAsk, decision: Decision): Decision {
    if (decision.allowed && decision.isPlain) return decision;
    const { events } = this.parts;
    if (!decision.allowed && events.wants('limited')) {
      const { violated, retryAfter } = decision;
      events.emit({ type: 'limited', key: this.parts.fullKey(key), rules: violated, retryAfter });
    }
    if (events.wants('limit-shadowed')) {
      for (const { rule, shadow, allowed } of decision.rules) {
        if (shadow && !allowed) events.emit({ type: 'limit-shadowed', key: this.parts.fullKey(key), rule });
      }
    }
    return decision;
  }
}
