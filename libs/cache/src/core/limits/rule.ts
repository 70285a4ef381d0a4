import { CacheConfigError } from '../errors.js';
import { duration, type Duration } from '../shared/duration.js';
import { shown } from '../shared/shown.js';
import { LIMIT_ALGORITHMS, type LimitAlgorithm } from './meters/new-meter.js';

/** The call that a rule's `limit` may depend on. */
export interface LimitCall {
  /** The arguments of the decorated method, or what was passed to the service. Empty in a guard: there are none yet. */
  readonly args: readonly unknown[];
  /** The request under way: of HTTP and GraphQL the platform's, of WebSocket the client, of RPC the transport's context. */
  readonly request: unknown;
}

/** What decides while Redis does not answer. */
export type WhenStoreDown =
  /** Everything is admitted. */
  | 'open'
  /** Everything is refused. */
  | 'closed'
  /** Each process counts by itself, each up to the whole limit. */
  | 'local';

/** A limit: so many requests in so long, for each identity. */
export interface LimitRule<K extends string = string> {
  /** One word of `A-Z a-z 0-9 _ . ~ -`: under it the rule counts, is told of and shown to clients. */
  name: string;
  /** Rules of one scope and one `key` are decided together, all or none, in one operation. Up to 8. Default: its name. */
  scope?: string | undefined;
  /** Requests in `per`, 1 to 1,000,000,000; or a function that says so for each call (0 there refuses). */
  limit: number | ((call: LimitCall) => number);
  /** The span that `limit` is for: `'1s'`, `'1m'`, `'1d'`. */
  per: Duration;
  /** Default `'gcra'`. */
  algorithm?: LimitAlgorithm | undefined;
  /** Who is counted: `'{@ip}'`, `'{@user}'` (the ip where there is no user), `'{0.id}'`. Absent: all together. */
  key?: K | undefined;
  /** What a request counts. Default 1. The same for all rules of a scope. */
  cost?: number | undefined;
  /** `'load'`: asked only when a cached method really runs. Default `'call'`. */
  at?: 'call' | 'load' | undefined;
  /** Decided and told by the event `limit-shadowed`, but nobody is refused: to try a limit out. Default false. */
  shadow?: boolean | undefined;
  /** What decides while Redis does not answer. Default `'local'`. */
  whenStoreDown?: WhenStoreDown | undefined;
  /** Of `'leased'`: tokens a process takes ahead. Default a tenth of the limit, at most 1,000. */
  lease?: number | undefined;
}

/** A rule, checked, with every default filled in. */
export interface ResolvedRule {
  /** The name and what makes its counts another rule's. */
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly limit: number | ((call: LimitCall) => number);
  /** ms. */
  readonly per: number;
  readonly key: string | undefined;
  readonly cost: number;
  readonly lease: number | undefined;
  readonly at: 'call' | 'load';
  readonly shadow: boolean;
  readonly algorithm: LimitAlgorithm;
  readonly whenStoreDown: WhenStoreDown;
}

const NAME = /^[\w.~-]{1,100}$/;
const MOST = 1_000_000_000;

/** @throws {CacheConfigError} for anything wrong, with its path, the value and the remedy. */
export function resolveRule(rule: LimitRule, where: string): ResolvedRule {
  if (typeof rule !== 'object' || rule === null) throw wrong(where, rule, 'write { name, limit, per }');
  const { name, scope = name, limit, cost = 1, lease, key, at = 'call', shadow = false } = rule;
  const { algorithm = 'gcra', whenStoreDown = 'local' } = rule;
  const need = checkerOf(rule, where);
  need(isName(name), 'name', WORD);
  need(isName(scope), 'scope', WORD);
  need(typeof limit === 'function' || isCount(limit), 'limit', 'write a whole number above 0, or a function');
  need(key === undefined || typeof key === 'string', 'key', "write a template such as '{@ip}'");
  need(typeof cost === 'number' && cost > 0 && cost <= MOST, 'cost', 'write a number above 0');
  need(lease === undefined || (algorithm === 'leased' && isCount(lease)), 'lease', LEASE);
  need(LIMIT_ALGORITHMS.includes(algorithm), 'algorithm', oneOf(LIMIT_ALGORITHMS));
  need(at === 'call' || at === 'load', 'at', oneOf(['call', 'load']));
  need(typeof shadow === 'boolean', 'shadow', 'write true or false');
  need(DOWN.includes(whenStoreDown), 'whenStoreDown', oneOf(DOWN));
  const per = duration(rule.per, `${where}.per`);
  need(per >= 1, 'per', "write at least '1ms'");
  const id = `${name}~${algorithm === 'leased' ? 'gcra' : algorithm}~${per}`;
  return Object.freeze({ id, name, scope, limit, per, key, cost, lease, at, shadow, algorithm, whenStoreDown });
}

export const DOWN: readonly string[] = ['open', 'closed', 'local'];
export const WORD = 'write one word of A-Z a-z 0-9 _ . ~ -, at most 100 characters';
const LEASE = "write a whole number above 0, beside algorithm: 'leased'";

export function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value);
}

/** Refuses an option of a rule that does not hold. */
export function checkerOf<R extends object>(rule: R, where: string) {
  return (holds: boolean, option: keyof R & string, remedy: string): void => {
    if (!holds) throw wrong(`${where}.${option}`, rule[option], remedy);
  };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MOST;
}

export function oneOf(words: readonly string[]): string {
  return `write ${words.map((word) => `'${word}'`).join(' or ')}`;
}

function wrong(path: string, value: unknown, remedy: string): CacheConfigError {
  return new CacheConfigError(`${path}: ${shown(value)} is not valid: ${remedy}.`);
}
