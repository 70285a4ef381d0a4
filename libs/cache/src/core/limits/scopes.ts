import { CacheConfigError } from '../errors.js';
import { shown } from '../shared/shown.js';
import { MAX_RULES, type ScopeRule } from './limit-store.js';
import type { LimitCall, ResolvedRule } from './rule.js';

/** Rules that are decided together: one scope, one key template. */
export interface Scope {
  readonly name: string;
  readonly key: string | undefined;
  readonly cost: number;
  readonly rules: readonly ResolvedRule[];
}

/**
 * Sorts rules into their scopes, those of one identity before those of all: the narrowest is asked first, so that who is
 * over his own limit takes nothing of what all share. Otherwise in the order given.
 * @throws {CacheConfigError} for rules of one scope that cannot be decided together.
 */
export function scopesOf(rules: readonly ResolvedRule[]): readonly Scope[] {
  const byName = new Map<string, ResolvedRule[]>();
  for (const rule of new Map(rules.map((each) => [each.name, each])).values()) {
    byName.set(rule.scope, [...(byName.get(rule.scope) ?? []), rule]);
  }
  const scopes = [...byName].map(([name, own]) => scope(name, own));
  return [...scopes.filter(({ key }) => key !== undefined), ...scopes.filter(({ key }) => key === undefined)];
}

function scope(name: string, rules: readonly ResolvedRule[]): Scope {
  const [first] = rules;
  const names = rules.map((rule) => `'${rule.name}'`).join(' and ');
  const refuse = (why: string) => new CacheConfigError(`the limits ${names} have one scope, '${name}': ${why}`);
  if (rules.some(({ key }) => key !== first?.key)) throw refuse('give them the same key, or scopes of their own.');
  if (rules.some(({ cost }) => cost !== first?.cost)) throw refuse('give them the same cost, or scopes of their own.');
  if (rules.length > MAX_RULES) throw refuse(`at most ${MAX_RULES} are decided together. Split the scope.`);
  if (rules.length > 1 && rules.some(({ algorithm }) => algorithm === 'leased')) {
    throw refuse("what is 'leased' is decided by itself. Give it a scope of its own.");
  }
  return { name, key: first?.key, cost: first?.cost ?? 1, rules };
}

/** The rules of a scope whose limits are the same for every call: one list, always the same. */
export function fixedRules({ rules }: Scope): readonly ScopeRule[] | undefined {
  const fixed = rules.flatMap((rule) => (typeof rule.limit === 'number' ? [asked(rule, rule.limit)] : []));
  return fixed.length === rules.length ? Object.freeze(fixed) : undefined;
}

/** The rules of a scope as the store takes them, with the limits of this call; always the same list where they are fixed. */
export function rulesFor({ rules }: Scope): (call: LimitCall, limit?: number) => readonly ScopeRule[] {
  const fixed = rules.map((rule) => (typeof rule.limit === 'number' ? asked(rule, rule.limit) : undefined));
  const all = fixed.filter((rule) => rule !== undefined);
  if (all.length === rules.length) {
    return (_call, limit) => (limit === undefined ? all : rules.map((rule) => asked(rule, limitFrom(rule, limit))));
  }
  return (call, limit) =>
    rules.map((rule, at) => {
      if (limit !== undefined) return asked(rule, limitFrom(rule, limit));
      return fixed[at] ?? asked(rule, limitFrom(rule, typeof rule.limit === 'number' ? rule.limit : rule.limit(call)));
    });
}

function limitFrom({ name }: ResolvedRule, limit: unknown): number {
  if (typeof limit === 'number' && limit >= 0 && limit <= 1_000_000_000) return limit;
  throw new CacheConfigError(
    `the limit '${name}' was said to be ${shown(limit)} for this call: give a number from 0 to 1,000,000,000.`,
  );
}

const LARGEST_LEASE = 1_000;

function asked(rule: ResolvedRule, limit: number): ScopeRule {
  const { id, name, algorithm, per, shadow, whenStoreDown } = rule;
  const lease = rule.lease ?? Math.max(1, Math.min(LARGEST_LEASE, Math.floor(limit / 10)));
  return Object.freeze({ id, name, algorithm, limit, per, shadow, whenStoreDown, lease });
}
