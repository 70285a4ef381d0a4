import { decide, decideOne } from '../../../core/limits/decide.js';
import type { Decision } from '../../../core/limits/decision.js';
import type { LimitAsk, LimitStore, ScopeRule } from '../../../core/limits/limit-store.js';
import type { Meter } from '../../../core/limits/meters/meter.js';
import { newMeter } from '../../../core/limits/meters/new-meter.js';
import type { Clock } from '../../../core/shared/clock.js';
import { GcraSlot, GcraTable } from './gcra-table.js';

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
  readonly #table = new GcraTable();
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
    const now = this.clock.coarse();
    const rule = ask.rules[0];
    const meter = this.#table.visit(ask);
    if (rule !== undefined && meter !== undefined) return decideOne({ rule, meter, cost: ask.cost }, now);
    const meters = this.#metersOf(ask);
    if (meters.length === 1 && meters[0] instanceof GcraSlot) this.#table.invite(ask, meters[0]);
    return decide(ask, meters, now);
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
    const scope = this.#scopes.get(key);
    if (scope !== undefined) this.#forget(key, scope);
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
      all.find(({ rule }) => rule.id === id)?.meter ?? this.#newMeter(algorithm);
    const meters = rules.map(meterOf);
    const now = this.clock.coarse();
    const others: Counted[] = [];
    for (const other of all.filter(({ meter }) => !meters.includes(meter))) {
      if (other.meter.read(other.rule, now) > 0) others.push(other);
      else this.#drop(other);
    }
    if (this.#scopes.size >= this.#sweepAt) this.#sweep();
    this.#scopes.set(key, { rules, meters, others });
    return meters;
  }

  #newMeter(algorithm: ScopeRule['algorithm']): Meter {
    return algorithm === 'gcra' || algorithm === 'leased' ? this.#table.take() : newMeter(algorithm);
  }

  #forget(key: string, scope: Scope): void {
    this.#scopes.delete(key);
    for (const counted of countedOf(scope)) this.#drop(counted);
  }

  #drop({ meter }: Counted): void {
    if (meter instanceof GcraSlot) this.#table.drop(meter);
  }

  /** When the number has doubled, or is the most there may be: so a sweep costs each new identity little. */
  #sweep(): void {
    const now = this.clock.coarse();
    for (const [key, scope] of this.#scopes) {
      if (countedOf(scope).every(({ rule, meter }) => meter.read(rule, now) === 0)) this.#forget(key, scope);
    }
    const over = this.#scopes.size - Math.floor(this.most * 0.9);
    if (over > 0) for (const [key, scope] of [...this.#scopes].slice(0, over)) this.#forget(key, scope);
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
