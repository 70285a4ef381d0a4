import { CacheConfigError } from '../errors.js';
import { shown } from './shown.js';

/** A span of time: milliseconds, or a number with a unit: `'250ms'`, `'5s'`, `'10m'`, `'1h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A hundred years: beyond it a date in milliseconds is a likelier mistake than a wish. */
const LONGEST = 36_525 * 86_400_000;

/**
 * Milliseconds of a duration.
 * @throws {CacheConfigError} for anything but a number ≥ 0 with a known unit, up to a hundred years.
 */
export function duration(text: Duration | (string & {}), option = 'duration'): number {
  const ms = typeof text === 'number' ? text : parse(text);
  if (ms !== undefined && ms >= 0 && ms <= LONGEST) return ms;
  throw new CacheConfigError(
    `${option}: ${shown(text)} is not a duration. Write milliseconds (250) or a number with a unit: '250ms', '5s', '10m', '1h', '7d'.`,
  );
}

function parse(text: unknown): number | undefined {
  const [, amount, unit] = (typeof text === 'string' && FORM.exec(text)) || [];
  const factor = unit === undefined ? undefined : UNITS[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
