import { CacheConfigError } from '../errors.js';
import type { ClassOf } from '../shared/class-of.js';
import { LEVELS, type ConsistencyLevel } from '../shared/consistency-level.js';
import { shown } from '../shared/shown.js';
import { earlyRules, type EarlyRules } from './early-rules.js';
import { KEEP_ALL, keepRules, type KeepRules, type Skips } from './keep-rules.js';
import type { TagsOf } from '../tags/tagging.js';
import { lifetime, positiveDuration, type Lifetimes } from './lifetime.js';
import type { Outcome } from './outcome.js';
import type { CachePolicy } from './policy.js';
import { NEVER_STALE, staleRules, type StaleRules } from './stale-rules.js';

/** A policy with every default filled in, in milliseconds: what the flows work with. */
export interface Rules extends Lifetimes {
  readonly loadTimeout: number;
  readonly isolation: 'frozen' | 'copy';
  readonly level: ConsistencyLevel;
  readonly kept: KeepRules;
  readonly stale: StaleRules;
  /** When a fresh value is loaded anew; `undefined`: never. */
  readonly early: EarlyRules | undefined;
}

/** The rules of one call. */
export interface CallRules extends Rules {
  readonly as?: ClassOf | undefined;
  /** Whether the caller may not be given a hit as it is: he wants another view of it, or another level of consistency. */
  readonly ownView: boolean;
  /** The source's own version of a value. */
  readonly version?: ((value: unknown) => bigint | number | Date) | undefined;
  /** The tags of a value; nothing: it has none but what its loader names. */
  readonly tags?: TagsOf | undefined;
  /** Whether these are the rules of every call without options on keys of this kind. */
  readonly standing?: boolean | undefined;
  /** `Class.method` of a decorated call: what cannot be cached is then told, not thrown. */
  readonly origin?: string | undefined;
  /** Whether a load does more than to read its source (evicts, locks, is counted), so that none may run for nobody. */
  readonly neverCompared?: boolean | undefined;
  /** What a read leaves out; `undefined`: nothing. */
  readonly skips?: Skips | undefined;
  /** Whether a read loads anew whatever is kept. */
  readonly fresh?: boolean | undefined;
  /** How long memory keeps a value, ms, where the call says otherwise than the key's own rules; 0: not at all. */
  readonly localTtl?: number | undefined;
  /** What the caller gets of an outcome. Kept here so that callers who share rules share the function. */
  readonly deliver: (outcome: Outcome) => unknown;
}

/** The product's defaults. */
export const DEFAULT_RULES: Rules = {
  ttl: 300_000,
  nullTtl: undefined,
  ttlOf: undefined,
  loadTimeout: 30_000,
  isolation: 'frozen',
  level: 'eventual',
  kept: KEEP_ALL,
  stale: NEVER_STALE,
  early: undefined,
};

/** Lays a policy over rules; `where` names it in errors. */
export function applyPolicy(rules: Rules, policy: CachePolicy | undefined, where: string): Rules {
  if (policy === undefined) return rules;
  const { loadTimeout, isolation, level } = policy;
  return {
    ...lifetimes(rules, policy, where),
    loadTimeout:
      loadTimeout?.hard === undefined
        ? rules.loadTimeout
        : positiveDuration(loadTimeout.hard, `${where}.loadTimeout.hard`),
    isolation: isolation === undefined ? rules.isolation : isolationOf(isolation, where),
    level: level === undefined ? rules.level : levelOf(level, where),
    kept: keepRules(rules.kept, policy, where),
    stale: staleRules(rules.stale, policy, where),
    early: earlyRules(rules.early, policy, where),
  };
}

function lifetimes(rules: Lifetimes, { ttl, nullTtl }: CachePolicy, where: string): Lifetimes {
  const isFunction = typeof ttl === 'function';
  return {
    ttl: ttl === undefined || isFunction ? rules.ttl : lifetime(ttl, `${where}.ttl`),
    nullTtl: nullTtl === undefined ? rules.nullTtl : lifetime(nullTtl, `${where}.nullTtl`),
    ttlOf: ttl === undefined ? rules.ttlOf : isFunction ? ttl : undefined,
  };
}

function isolationOf(value: string, where: string): 'frozen' | 'copy' {
  if (value === 'frozen' || value === 'copy') return value;
  throw new CacheConfigError(`${where}.isolation: ${shown(value)} is neither 'frozen' nor 'copy'.`);
}

function levelOf(value: ConsistencyLevel, where: string): ConsistencyLevel {
  if (LEVELS.includes(value)) return value;
  throw new CacheConfigError(`${where}.level: ${shown(value)} is none of 'strict', 'eventual' and 'relaxed'.`);
}
