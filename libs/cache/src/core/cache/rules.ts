import { CacheConfigError } from '../errors.js';
import type { ClassOf } from '../shared/class-of.js';
import { LEVELS, type ConsistencyLevel } from '../shared/consistency-level.js';
import { shown } from '../shared/shown.js';
import { duration, type Duration } from '../shared/duration.js';
import type { Outcome } from './outcome.js';
import type { CachePolicy } from './policy.js';

/** A policy with every default filled in, in milliseconds: what the flows work with. */
export interface Rules {
  /** `Infinity`: for ever. */
  readonly ttl: number;
  readonly loadTimeout: number;
  readonly isolation: 'frozen' | 'copy';
  readonly level: ConsistencyLevel;
}

/** The rules of one call. */
export interface CallRules extends Rules {
  readonly as?: ClassOf | undefined;
  /** Whether the caller may not be given a hit as it is: he wants another view of it, or another level of consistency. */
  readonly ownView: boolean;
  /** The source's own version of a value. */
  readonly version?: ((value: unknown) => bigint | number | Date) | undefined;
  /** Whether these are the rules of every call without options on keys of this kind. */
  readonly standing?: boolean | undefined;
  /** `Class.method` of a decorated call: what cannot be cached is then told, not thrown. */
  readonly origin?: string | undefined;
  /** Whether a load does more than to read its source (evicts, locks, is counted), so that none may run for nobody. */
  readonly neverCompared?: boolean | undefined;
  /** What the caller gets of an outcome. Kept here so that callers who share rules share the function. */
  readonly deliver: (outcome: Outcome) => unknown;
}

/** The product's defaults. */
export const DEFAULT_RULES: Rules = { ttl: 300_000, loadTimeout: 30_000, isolation: 'frozen', level: 'eventual' };

/** Lays a policy over rules; `where` names it in errors. */
export function applyPolicy(rules: Rules, policy: CachePolicy | undefined, where: string): Rules {
  if (policy === undefined) return rules;
  const { ttl, loadTimeout, isolation, level } = policy;
  return {
    ttl: ttl === undefined ? rules.ttl : lifetime(ttl, `${where}.ttl`),
    loadTimeout:
      loadTimeout?.hard === undefined ? rules.loadTimeout : positive(loadTimeout.hard, `${where}.loadTimeout.hard`),
    isolation: isolation === undefined ? rules.isolation : isolationOf(isolation, where),
    level: level === undefined ? rules.level : levelOf(level, where),
  };
}

function lifetime(ttl: Duration | 'forever', option: string): number {
  return ttl === 'forever' ? Number.POSITIVE_INFINITY : positive(ttl, option, " A value that never ends is 'forever'.");
}

function positive(value: Duration, option: string, hint = ''): number {
  const ms = duration(value, option);
  if (ms > 0) return ms;
  throw new CacheConfigError(`${option}: ${shown(value)} is not above 0.${hint}`);
}

function isolationOf(value: string, where: string): 'frozen' | 'copy' {
  if (value === 'frozen' || value === 'copy') return value;
  throw new CacheConfigError(`${where}.isolation: ${shown(value)} is neither 'frozen' nor 'copy'.`);
}

function levelOf(value: ConsistencyLevel, where: string): ConsistencyLevel {
  if (LEVELS.includes(value)) return value;
  throw new CacheConfigError(`${where}.level: ${shown(value)} is none of 'strict', 'eventual' and 'relaxed'.`);
}
