import { decide } from '../../../core/limits/decide.js';
import type { Decision } from '../../../core/limits/decision.js';
import type { LimitAsk, LimitStore, ScopeRule } from '../../../core/limits/limit-store.js';
import type { Meter } from '../../../core/limits/meters/meter.js';
import { newMeter } from '../../../core/limits/meters/new-meter.js';
import type { Clock } from '../../../core/shared/clock.js';

interface Scope {
  /** Those that were asked for last. */
  readonly rules: readonly ScopeRule[];
  readonly meters: readonly Meter[];
  /** What others of the scope have counted: a request may ask under some of its rules only. */
  readonly others: readonly Counted[];
}

interface Counted {
  readonly rule: ScopeRule;
  readonly meter: Meter;
}

/** Identities that are remembered. An attacker who has more must not fill the memory. */
const MOST = 100_000;

/** Below it nothing is looked for that could go. */
const FEW = 20_000;

/** Counts in this process. Identities whose counts have run down are forgotten; beyond `most` the oldest is. */
export class MemoryLimitStore implements LimitStore {
  readonly #scopes = new Map<string, Scope>();
  /** Scopes at which the next sweep is worth it. */
  #sweepAt: number;

  constructor(
    private readonly clock: Clock,
    private readonly most = MOST,
  ) {
    this.#sweepAt = Math.min(most, FEW);
  }

  /** By the cheap clock: a limit may lag by a moment. */
  decide(ask: LimitAsk): Decision {
    return decide(ask, this.#metersOf(ask), this.clock.coarse());
  }

  adjust(ask: LimitAsk): void {
    const now = this.clock.coarse();
    const meters = this.#metersOf(ask);
    for (const [at, rule] of ask.rules.entries()) {
      meters[at]?.read(rule, now);
      meters[at]?.add(ask.cost);
    }
  }

  reset(key: string): void {
    this.#scopes.delete(key);
  }

  probe(): void {}

  /** Identities that are remembered now. */
  get size(): number {
    return this.#scopes.size;
  }

  #metersOf({ key, rules }: LimitAsk): readonly Meter[] {
    const known = this.#scopes.get(key);
    if (known !== undefined && (known.rules === rules || isSame(known.rules, rules))) return known.meters;
    const all = known === undefined ? [] : countedOf(known);
    const meterOf = ({ id, algorithm }: ScopeRule) =>
      all.find(({ rule }) => rule.id === id)?.meter ?? newMeter(algorithm);
    const meters = rules.map(meterOf);
    const now = this.clock.coarse();
    const others = all.filter(
      ({ rule, meter }) => !rules.some(({ id }) => id === rule.id) && meter.read(rule, now) > 0,
    );
    if (this.#scopes.size >= this.#sweepAt) this.#sweep();
    this.#scopes.set(key, { rules, meters, others });
    return meters;
  }

  /** When the number has doubled, or is the most there may be: so a sweep costs each new identity little. */
  #sweep(): void {
    const now = this.clock.coarse();
    for (const [key, scope] of this.#scopes) {
      if (countedOf(scope).every(({ rule, meter }) => meter.read(rule, now) === 0)) this.#scopes.delete(key);
    }
    const over = this.#scopes.size - Math.floor(this.most * 0.9);
    if (over > 0) for (const key of [...this.#scopes.keys()].slice(0, over)) this.#scopes.delete(key);
    this.#sweepAt = Math.min(this.most, Math.max(FEW, this.#scopes.size * 2));
  }
}

function countedOf({ rules, meters, others }: Scope): readonly Counted[] {
  const own = rules.flatMap((rule, at) => {
    const meter = meters[at];
    return meter === undefined ? [] : [{ rule, meter }];
  });
  return [...own, ...others];
}

/** The same counts, though a limit may have changed. */
function isSame(one: readonly ScopeRule[], other: readonly ScopeRule[]): boolean {
  return one.length === other.length && one.every(({ id }, at) => other[at]?.id === id);
}
