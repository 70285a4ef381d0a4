/** What one rule says to a request. Times are ms. */
export interface RuleDecision {
  /** The rule's name. */
  readonly rule: string;
  readonly allowed: boolean;
  readonly limit: number;
  /** ms; 0 for a limit on requests at a time. */
  readonly per: number;
  /** Requests left now; at a time, as far as this process knows. */
  readonly remaining: number;
  /** Until this request could be admitted; 0 if it was. */
  readonly retryAfter: number;
  /** Until nothing counts any more. */
  readonly resetAfter: number;
  /** Only watched: refuses nobody. */
  readonly shadow: boolean;
}

/** The answer to one request. A reached limit is an answer, not an error. Times are ms. */
export interface LimitDecision {
  readonly allowed: boolean;
  /** Of the rule that is nearest to its limit. */
  readonly limit: number;
  /** The least that any rule has left. */
  readonly remaining: number;
  /** Until the request could be admitted; 0 if it was. */
  readonly retryAfter: number;
  /** Until the rule that is nearest to its limit has counted down. */
  readonly resetAfter: number;
  /** The names of the rules that refused it. */
  readonly violated: readonly string[];
  /** What every rule said that was asked; those after a refusal are not. */
  readonly rules: readonly RuleDecision[];
  /** The shared store could not be asked: the rule's `whenStoreDown` decided. */
  readonly storeDown: boolean;
}

/** A decision, told by its rules. */
export class Decision implements LimitDecision {
  constructor(
    readonly allowed: boolean,
    readonly rules: readonly RuleDecision[],
    readonly storeDown = false,
  ) {}

  /** One rule, and it is enforced. */
  get isPlain(): boolean {
    return this.rules.length === 1 && this.rules[0]?.shadow === false;
  }

  get limit(): number {
    return this.#tightest?.limit ?? Infinity;
  }

  get remaining(): number {
    return this.#tightest?.remaining ?? Infinity;
  }

  get retryAfter(): number {
    return this.allowed ? 0 : (this.#tightest?.retryAfter ?? 0);
  }

  get resetAfter(): number {
    return this.#tightest?.resetAfter ?? 0;
  }

  get violated(): readonly string[] {
    return this.rules.filter(({ allowed, shadow }) => !allowed && !shadow).map(({ rule }) => rule);
  }

  /** The rule that makes the request wait longest, or has the least left. */
  get #tightest(): RuleDecision | undefined {
    let tightest: RuleDecision | undefined;
    for (const rule of this.rules) {
      if (!rule.shadow && (tightest === undefined || isTighter(rule, tightest))) tightest = rule;
    }
    return tightest;
  }
}

/** The decisions of several scopes, one after the other up to a refusal, as one. */
export class JointDecision extends Decision {
  constructor(readonly parts: readonly Decision[]) {
    super(
      parts.every(({ allowed }) => allowed),
      parts.flatMap(({ rules }) => rules),
      parts.some(({ storeDown }) => storeDown),
    );
  }
}

function isTighter(one: RuleDecision, other: RuleDecision): boolean {
  return one.retryAfter === other.retryAfter ? one.remaining < other.remaining : one.retryAfter > other.retryAfter;
}
