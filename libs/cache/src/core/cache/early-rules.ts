import { CacheConfigError } from '../errors.js';
import type { Random } from '../shared/random.js';
import { shown } from '../shared/shown.js';
import type { EntryHeader } from '../entry/entry.js';
import type { CachePolicy } from './policy.js';

/** When a value that is still fresh is loaded anew: one of both. */
export interface EarlyRules {
  readonly beta?: number | undefined;
  readonly threshold?: number | undefined;
}

const BY_DEFAULT: EarlyRules = Object.freeze({ beta: 1 });

/** No value is loaded anew in this first part of its life, however long its load takes. */
const LET_ALONE = 0.5;

/** Lays what a policy says of early refresh over rules; `where` names it in errors. */
export function earlyRules(
  rules: EarlyRules | undefined,
  { earlyRefresh }: CachePolicy,
  where: string,
): EarlyRules | undefined {
  if (earlyRefresh === undefined) return rules;
  if (earlyRefresh === false) return undefined;
  if (earlyRefresh === true) return BY_DEFAULT;
  const { beta, threshold } = earlyRefresh;
  const option = `${where}.earlyRefresh`;
  if (beta !== undefined && threshold !== undefined) {
    throw new CacheConfigError(`${option}: beta and threshold exclude each other. Drop one of the two.`);
  }
  if (threshold !== undefined) return { threshold: checked(threshold, { option: `${option}.threshold`, below: 1 }) };
  return beta === undefined ? BY_DEFAULT : { beta: checked(beta, { option: `${option}.beta`, below: Infinity }) };
}

/** Reads that would draw while a value is loaded, were it drawn on each: what is worth an early load is read as often. */
const READERS = 10;

/**
 * From when on a value is loaded anew: after a share of its life, or by chance before its end, the sooner the longer its
 * load took: freshUntil - beta * computeMs * -ln(random), "XFetch" of Vattani, Chierichetti and Lowenstein, "Optimal
 * Probabilistic Cache Stampede Prevention", VLDB 2015. They draw on each read, and the earliest begins the load. Here the
 * earliest of ten draws is drawn at once, for each process and value: then a hit costs no draw. `Infinity`: never.
 */
export function dueAt(
  { beta = 1, threshold }: EarlyRules,
  { createdAt, freshUntil, computeMs }: Pick<EntryHeader, 'createdAt' | 'freshUntil' | 'computeMs'>,
  random: Random,
): number {
  if (freshUntil === Infinity) return Infinity;
  const life = freshUntil - createdAt;
  if (threshold !== undefined) return createdAt + threshold * life;
  const ahead = -Math.log(1 - random() ** (1 / READERS));
  return Math.max(createdAt + LET_ALONE * life, freshUntil - beta * computeMs * ahead);
}

function checked(value: number, { option, below }: { option: string; below: number }): number {
  if (typeof value === 'number' && value > 0 && value < below) return value;
  const range = below === 1 ? 'above 0 and below 1, such as 0.8' : 'above 0, such as 1';
  throw new CacheConfigError(`${option}: ${shown(value)} is not a number ${range}.`);
}
