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
  /** Where it is only one, a list is made of it for those who read that. */
  #said: readonly RuleDecision[] | RuleDecision;

  constructor(
    readonly allowed: boolean,
    rules: readonly RuleDecision[] | RuleDecision,
    readonly storeDown = false,
  ) {
    this.#said = rules;
  }

  get rules(): readonly RuleDecision[] {
    const said = this.#said;
    if (isList(said)) return said;
    const list = [said];
    this.#said = list;
    return list;
  }

  /** One rule, and it is enforced. */
  get isPlain(): boolean {
    const said = this.#said;
    return isList(said) ? said.length === 1 && said[0]?.shadow === false : !said.shadow;
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

  /** What it says where it is written out. */
  toJSON(): Pick<LimitDecision, 'allowed' | 'rules' | 'storeDown'> {
    const { allowed, rules, storeDown } = this;
    return { allowed, rules, storeDown };
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

function isList(rules: readonly RuleDecision[] | RuleDecision): rules is readonly RuleDecision[] {
  return Array.isArray(rules);
}

function isTighter(one: RuleDecision, other: RuleDecision): boolean {
  return one.retryAfter === other.retryAfter ? one.remaining < other.remaining : one.retryAfter > other.retryAfter;
}
