import { CacheError } from '../errors.js';

/**
 * How long the backend asks to be left alone, ms from `now`; `undefined` when it does not say. Read from the error:
 * `retryAfter`, `headers['retry-after']` or `response.headers['retry-after']`, headers as an object or with `get()`.
 * Seconds or an HTTP date, as RFC 9110 §10.2.3 has them; the errors of this package say milliseconds. An error that cannot
 * be looked at says nothing: the caller is to see that error, not what looking at it threw.
 */
export function retryAfterOf(error: unknown, now: number): number | undefined {
  try {
    return saidBy(error, now);
  } catch {
    return undefined;
  }
}

function saidBy(error: unknown, now: number): number | undefined {
  const { retryAfter, headers, response } = asRecord(error);
  if (error instanceof CacheError) return typeof retryAfter === 'number' ? retryAfter : undefined;
  for (const said of [retryAfter, header(headers), header(asRecord(response)['headers'])]) {
    const ms = parse(said, now);
    if (ms !== undefined) return ms;
  }
  return undefined;
}

function parse(said: unknown, now: number): number | undefined {
  if (typeof said === 'number') return said >= 0 ? said * 1_000 : undefined;
  if (typeof said !== 'string') return undefined;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(said)) return Number(said) * 1_000;
  const date = Date.parse(said);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function header(headers: unknown): unknown {
  const record = asRecord(headers);
  if (typeof record['get'] === 'function') return (headers as { get(name: string): unknown }).get('retry-after');
  const name = Object.keys(record).find((key) => key.toLowerCase() === 'retry-after');
  const value = name === undefined ? undefined : record[name];
  return Array.isArray(value) ? (value as readonly unknown[])[0] : value;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
