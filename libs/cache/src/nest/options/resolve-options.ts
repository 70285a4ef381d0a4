import type { CachePolicy } from '../../core/cache/policy.js';
import { CacheConfigError } from '../../core/errors.js';
import { resolveAny, type AnyRule, type NamelessRule } from '../../core/limits/any-rule.js';
import type { BreakerRules } from '../../core/protection/breaker.js';
import type { BudgetRules } from '../../core/protection/operation-budget.js';
import type { StalenessRules } from '../../core/staleness/staleness-rules.js';
import type { TransactionScope } from '../../core/transactions/transaction.js';
import { bytes } from '../../core/shared/byte-size.js';
import { duration } from '../../core/shared/duration.js';
import { resolveRedis } from '../../drivers/redis/resolve-redis.js';
import type { ResolvedRedis } from '../../drivers/redis/resolved-redis.js';
import type { ContextHole } from '../context/context-holes.js';
import type { BreakerOptions, CacheFeature, CacheModuleOptions, LocalOptions } from './cache-module-options.js';
import { resolveLocks, type ResolvedLocks } from './resolve-locks.js';
import { FeatureSchema, ModuleSchema, PolicySchema } from './option-schema.js';
import { isGroup } from './option-rules.js';
import { validateAll, validateOptions } from './validate-options.js';

/** The options of `forRoot`, checked, with every default filled in. */
export interface ResolvedOptions {
  readonly service: string;
  readonly foreignServices: readonly string[];
  /** `undefined`: embedded. */
  readonly redis: ResolvedRedis | undefined;
  readonly hot: {
    readonly maxBytes: number;
    readonly maxEntries: number;
    readonly maxEntryBytes: number | undefined;
  };
  /** How long memory is served while the bus is not heard, ms. */
  readonly maxBlind: number;
  readonly protection: Protection;
  readonly locks: ResolvedLocks;
  readonly limits: ResolvedLimits;
  /** `undefined`: what is served is not compared with its source. */
  readonly staleness: StalenessRules | undefined;
  readonly alerts: ResolvedAlerts;
  /** `undefined`: only what `runInCacheTransaction` and `afterCommit` tell. */
  readonly transactions: TransactionScope | undefined;
  readonly defaults: CachePolicy;
  readonly policies: Readonly<Record<string, CachePolicy>>;
  readonly context: Readonly<Record<string, ContextHole>>;
}

/** The rules of the application, checked one by one. */
export interface ResolvedLimits {
  readonly rules: Readonly<Record<string, NamelessRule>>;
  readonly global: readonly string[];
  /** How long a decision waits for Redis, ms. */
  readonly patience: number;
}

/** What is looked at, and how often. */
export interface ResolvedAlerts {
  readonly hitRatio: number;
  readonly memory: number;
  readonly evictions: number;
  /** Milliseconds. */
  readonly every: number;
  readonly window: number;
  /** Whether the application said something about it. */
  readonly isAsked: boolean;
}

/** What one process may ask of Redis. */
export interface Protection {
  /** `undefined`: as much as it likes. */
  readonly budget: BudgetRules | undefined;
  readonly connections: number;
  /** Loads at a time that nobody waits for. */
  readonly refreshes: number;
  /** What a call waits for the shared layer that can do without it, ms. */
  readonly patience: number;
  /** `undefined`: nodes that do not answer are asked all the same. */
  readonly breaker: BreakerRules | undefined;
}

const DEFAULT_OPERATIONS = 10_000;
const DEFAULT_CONNECTIONS = 100;
const DEFAULT_SHARED_PATIENCE = '100ms';
const DEFAULT_FAILURES = 3;
/** What is left of 50 ms is for the process itself. */
const DEFAULT_PATIENCE = '40ms';
/** One hit in a thousand: where 99 % are hits, the sources are asked a tenth more. */
const DEFAULT_STALENESS: StalenessRules = Object.freeze({ sample: 0.001, perSecond: 5 });
const DEFAULT_BUDGET = '256mb';
const HOT_SHARE = 0.25;
const HOT_ENTRIES = 250_000;
const DEFAULT_MAX_BLIND = '10s';

/** @throws {CacheConfigError} for anything wrong, all of it at once. */
export function resolveOptions(options: CacheModuleOptions): ResolvedOptions {
  let redis: ResolvedRedis | undefined;
  let locks: ResolvedLocks = resolveLocks();
  validateAll([
    () => validateOptions(ModuleSchema, options, 'forRoot'),
    () => {
      redis = isGroup(options) ? resolveRedis(options) : undefined;
    },
    () => {
      if (isGroup(options?.locks)) locks = resolveLocks(options.locks);
    },
    ...limitsOf(options).map(
      ([name, rule]) =>
        () =>
          void resolveAny({ ...(rule as AnyRule), name }, `forRoot.limits.rules.${name}`),
    ),
    ...policiesOf(options).map(
      ([name, policy]) =>
        () =>
          validateOptions(PolicySchema, policy, `forRoot.policies.${name}`),
    ),
  ]);
  const { service, foreignServices = [], local = {}, defaults = {}, policies = {}, context = {} } = options;
  return Object.freeze({
    service,
    foreignServices: Object.freeze([...foreignServices]),
    redis,
    hot: hotOf(local),
    maxBlind: duration(local.maxBlind ?? DEFAULT_MAX_BLIND),
    protection: protectionOf(options),
    locks: Object.freeze(locks),
    limits: limitsFrom(options),
    staleness: stalenessOf(options),
    alerts: alertsOf(options),
    transactions: options.transactions,
    defaults: frozen(defaults),
    policies: frozen(policies),
    context: Object.freeze({ ...context }),
  });
}

function hotOf({ budget = DEFAULT_BUDGET, hot }: LocalOptions): ResolvedOptions['hot'] {
  return Object.freeze({
    maxBytes: Math.floor(bytes(budget) * HOT_SHARE),
    maxEntries: hot?.maxEntries ?? HOT_ENTRIES,
    maxEntryBytes: hot?.maxEntrySize === undefined ? undefined : bytes(hot.maxEntrySize),
  });
}

function alertsOf({ alerts }: CacheModuleOptions): ResolvedAlerts {
  const { hitRatio = 0.8, memory = 0.9, evictions = 1_000, every = '10s', window = '5m' } = alerts ?? {};
  const times = { every: duration(every), window: duration(window) };
  return Object.freeze({ hitRatio, memory, evictions, ...times, isAsked: alerts !== undefined });
}

function protectionOf({ protection = {} }: CacheModuleOptions): Protection {
  const {
    operations = DEFAULT_OPERATIONS,
    per = '1s',
    connections = DEFAULT_CONNECTIONS,
    refreshes = 100,
  } = protection;
  const patience = duration(protection.patience ?? DEFAULT_SHARED_PATIENCE);
  const breaker = breakerOf(protection.breaker);
  const budget = operations === false ? undefined : Object.freeze({ operations, per: duration(per) });
  return Object.freeze({ budget, connections, refreshes, patience, breaker });
}

function breakerOf(breaker: BreakerOptions | false = {}): BreakerRules | undefined {
  if (breaker === false) return undefined;
  const { failures = DEFAULT_FAILURES, retryAfter = '1s' } = breaker;
  return Object.freeze({ failures, retryAfter: duration(retryAfter) });
}

function stalenessOf({ staleness = {} }: CacheModuleOptions): StalenessRules | undefined {
  if (staleness === false) return undefined;
  const { sample = DEFAULT_STALENESS.sample, perSecond = DEFAULT_STALENESS.perSecond } = staleness;
  return Object.freeze({ sample, perSecond });
}

/** A named cache, checked. */
export interface ResolvedFeature {
  readonly name: string;
  readonly entities: readonly string[];
  readonly requires: readonly string[];
  readonly policy: CachePolicy;
}

/** @throws {CacheConfigError} for anything wrong. */
export function resolveFeature(name: string, options: CacheFeature = {}): ResolvedFeature {
  if (typeof name !== 'string' || !/^[\w.~-]+$/.test(name)) {
    throw new CacheConfigError(
      `forFeature: ${JSON.stringify(name)} is no name for a cache: write one word of A-Z a-z 0-9 _ . ~ -.`,
    );
  }
  validateOptions(FeatureSchema, options, `forFeature('${name}')`);
  const { entities = [name], requires = [], ...policy } = options;
  return frozen({ name, entities, requires, policy });
}

function policiesOf(options: CacheModuleOptions | undefined): [string, unknown][] {
  const policies: unknown = options?.policies;
  return isGroup(policies) ? Object.entries(policies) : [];
}

function limitsFrom({ limits: { rules = {}, global = [], patience = DEFAULT_PATIENCE } = {} }: CacheModuleOptions) {
  return frozen({ rules, global, patience: duration(patience) });
}

function limitsOf(options: CacheModuleOptions | undefined): [string, unknown][] {
  const rules: unknown = options?.limits?.rules;
  return isGroup(rules) ? Object.entries(rules) : [];
}

/** A copy, frozen all the way down: what a user changes later would not be checked. */
function frozen<T extends object>(options: T): T {
  const copy = (Array.isArray(options) ? [...(options as unknown[])] : { ...options }) as Record<string, unknown>;
  for (const [name, value] of Object.entries(copy)) {
    if (typeof value === 'object' && value !== null) copy[name] = frozen(value);
  }
  return Object.freeze(copy) as T;
}
