import { CacheConfigError } from '../errors.js';
import { duration, type Duration } from '../shared/duration.js';
import { shown } from '../shared/shown.js';
import type { CachePolicy, StaleIfErrorOptions } from './policy.js';

/** When a value whose `ttl` is over is served all the same. Times in milliseconds. */
export interface StaleRules {
  /** How long after `ttl`; 0: never. */
  readonly lasts: number;
  /** What a caller waits for the fresh value; `Infinity`: as long as it takes. */
  readonly soft: number;
  /** Whether it is served instead of the loader's error. */
  readonly onError: boolean;
  /** How long after that the key is not loaded again. */
  readonly throttle: number;
  readonly unless: ((error: unknown) => boolean) | undefined;
}

/** The product's defaults. */
export const NEVER_STALE: StaleRules = Object.freeze({
  lasts: 0,
  soft: Number.POSITIVE_INFINITY,
  onError: true,
  throttle: 5_000,
  unless: undefined,
});

/** Lays what a policy says of stale values over rules; `where` names it in errors. */
export function staleRules(rules: StaleRules, policy: CachePolicy, where: string): StaleRules {
  const { staleFor, staleIfError, loadTimeout } = policy;
  const soft = loadTimeout?.soft;
  if (staleFor === undefined && staleIfError === undefined && soft === undefined) return rules;
  return {
    ...onError(rules, staleIfError, where),
    lasts: staleFor === undefined ? rules.lasts : zeroOrMore(staleFor, `${where}.staleFor`),
    soft: soft === undefined ? rules.soft : zeroOrMore(soft, `${where}.loadTimeout.soft`),
  };
}

function onError(rules: StaleRules, given: StaleIfErrorOptions | false | undefined, where: string): StaleRules {
  if (given === undefined) return rules;
  if (given === false) return { ...rules, onError: false };
  const { throttle, unless } = given;
  if (unless !== undefined && typeof unless !== 'function') {
    throw new CacheConfigError(`${where}.staleIfError.unless: ${shown(unless)} is no function: (error) => boolean.`);
  }
  return {
    ...rules,
    onError: true,
    throttle: throttle === undefined ? rules.throttle : zeroOrMore(throttle, `${where}.staleIfError.throttle`),
    unless: unless ?? rules.unless,
  };
}

function zeroOrMore(value: Duration, option: string): number {
  const ms = duration(value, option);
  if (ms >= 0) return ms;
  throw new CacheConfigError(`${option}: ${shown(value)} is below 0. Write 0 for none.`);
}
