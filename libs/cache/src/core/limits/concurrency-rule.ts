import { duration, type Duration } from '../shared/duration.js';
import { checkerOf, DOWN, isName, oneOf, WORD, type WhenStoreDown } from './rule.js';

/** A limit on how many requests of an identity may be under way at any one moment. */
export interface ConcurrencyRule<K extends string = string> {
  /** One word of `A-Z a-z 0-9 _ . ~ -`: under it the rule counts, is told of and shown to clients. */
  name: string;
  /** Requests at a time, in the whole fleet, 1 to 10,000. */
  concurrent: number;
  /** Who is counted, as in other rules. Absent: all together. */
  key?: K | undefined;
  /** How long what a process let in still counts after it died; a living one renews it. At least 200 ms; default `'10s'`. */
  ttl?: Duration | undefined;
  /** `'load'`: counts only while a cached method really runs. Default `'call'`. */
  at?: 'call' | 'load' | undefined;
  /** What decides while Redis does not answer. Default `'local'`. */
  whenStoreDown?: WhenStoreDown | undefined;
}

/** The rule, checked, with every default filled in. */
export interface ResolvedConcurrency {
  readonly name: string;
  readonly concurrent: number;
  readonly key: string | undefined;
  /** ms. */
  readonly ttl: number;
  readonly at: 'call' | 'load';
  readonly whenStoreDown: WhenStoreDown;
}

const MOST = 10_000;
const SHORTEST_TTL_MS = 200;
const DEFAULT_TTL_MS = 10_000;

/** @throws {CacheConfigError} for anything wrong, with its path, the value and the remedy. */
export function resolveConcurrency(rule: ConcurrencyRule, where: string): ResolvedConcurrency {
  const { name, concurrent, key, at = 'call', whenStoreDown = 'local' } = rule;
  const need = checkerOf(rule, where);
  need(isName(name), 'name', WORD);
  const isCount = Number.isInteger(concurrent) && concurrent >= 1 && concurrent <= MOST;
  need(isCount, 'concurrent', `write a whole number from 1 to ${MOST}`);
  need(key === undefined || typeof key === 'string', 'key', "write a template such as '{@ip}'");
  need(at === 'call' || at === 'load', 'at', oneOf(['call', 'load']));
  need(DOWN.includes(whenStoreDown), 'whenStoreDown', oneOf(DOWN));
  const ttl = rule.ttl === undefined ? DEFAULT_TTL_MS : duration(rule.ttl, `${where}.ttl`);
  need(ttl >= SHORTEST_TTL_MS, 'ttl', `write at least '${SHORTEST_TTL_MS}ms', or it cannot be renewed in time`);
  return Object.freeze({ name, concurrent, key, ttl, at, whenStoreDown });
}
