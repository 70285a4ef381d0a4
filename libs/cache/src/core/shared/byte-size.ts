import { CacheConfigError } from '../errors.js';
import { shown } from './shown.js';

/** An amount of memory: bytes, or a number with a unit (powers of 1024): `'64kb'`, `'256mb'`, `'2gb'`. */
export type ByteSize = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`;

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const FORM = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/;

/**
 * Bytes of a size, rounded down.
 * @throws {CacheConfigError} for anything but a number ≥ 0 with a known unit.
 */
export function bytes(text: ByteSize | (string & {}), option = 'size'): number {
  const size = typeof text === 'number' ? text : parse(text);
  if (size !== undefined && size >= 0 && size <= Number.MAX_SAFE_INTEGER) return Math.floor(size);
  throw new CacheConfigError(
    `${option}: ${shown(text)} is not a size. Write bytes (65536) or a number with a unit: '64kb', '256mb', '2gb'.`,
  );
}

function parse(text: unknown): number | undefined {
  const [, amount, unit] = (typeof text === 'string' && FORM.exec(text)) || [];
  const factor = unit === undefined ? undefined : UNITS[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
