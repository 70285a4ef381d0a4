import { CacheKeyError } from '../errors.js';

/** Longest full key, in bytes. Keys are ASCII, so it is their length as well. */
export const MAX_KEY_BYTES = 512;

/** The empty string in a key. */
export const EMPTY = '%_';

/** Absence in a key: a `{…?}` hole without a value. */
export const ABSENT = '%-';

const PLAIN = /^[\w.~-]+$/;
const LEFT_BY_ENCODE = /[!'()*]/g;

/**
 * The text of a value in a key. Injective on `String(value)`: letters, digits and `_ . ~ -` stand for themselves, all
 * else is percent-encoded UTF-8, so no value can end a segment, forge a marker or collide with another value.
 * @param hole whose value it is, for messages.
 * @throws {CacheKeyError} `KEY_VALUE` for what no key can hold: NaN, Infinity, objects, functions, symbols, null,
 * undefined, and text with half a surrogate pair, which has no UTF-8; `KEY_TOO_LONG` for over 512 characters.
 */
export function escapePart(value: unknown, hole: string): string {
  if (typeof value === 'string')
    return value.length <= MAX_KEY_BYTES && PLAIN.test(value) ? value : escapeText(value, hole);
  if (typeof value === 'number' && Number.isFinite(value)) {
    const text = String(value);
    return Number.isSafeInteger(value) ? text : escapeText(text, hole);
  }
  if (typeof value === 'bigint' || typeof value === 'boolean') return escapeText(String(value), hole);
  throw refusedValue(value, hole);
}

/** A value as it may stand in a message: on one line, cut to 60 characters. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : nameOf(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' && name !== '' ? `an instance of ${name}` : 'an object';
}

function escapeText(text: string, hole: string): string {
  if (text === '') return EMPTY;
  if (text.length > MAX_KEY_BYTES) {
    throw new CacheKeyError(
      'KEY_TOO_LONG',
      `${hole} is ${text.length} characters long, a key at most ${MAX_KEY_BYTES} bytes: pass a hash of it, stableHash(value)`,
    );
  }
  if (PLAIN.test(text)) return text;
  try {
    return encodeURIComponent(text).replace(LEFT_BY_ENCODE, percent);
  } catch (cause) {
    throw new CacheKeyError(
      'KEY_VALUE',
      `${hole} is ${show(text)}, which has half a surrogate pair: no key can hold it`,
      {
        cause,
      },
    );
  }
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

function refusedValue(value: unknown, hole: string): CacheKeyError {
  if (value === undefined || value === null) {
    return new CacheKeyError(
      'KEY_VALUE',
      `${hole} is ${value}: a '?' at the end of the hole gives absence a key of its own`,
    );
  }
  return new CacheKeyError('KEY_VALUE', `${hole} is ${show(value)}, not a finite string | number | bigint | boolean`);
}
