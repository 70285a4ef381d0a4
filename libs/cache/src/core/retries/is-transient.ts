import { CacheConfigError, CacheKeyError, CircuitOpenError } from '../errors.js';

/** Request timeout, too early, too many requests: the same request may succeed later. */
const WORTH_REPEATING: readonly number[] = [408, 425, 429];

/**
 * Whether another attempt may succeed: not for wrong use of this package, not while a circuit is open, and not for an
 * answer that says that the request itself is wrong.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof CacheConfigError || error instanceof CacheKeyError || error instanceof CircuitOpenError) {
    return false;
  }
  const status = statusOf(error);
  return status === undefined || status < 400 || status > 499 || WORTH_REPEATING.includes(status);
}

/** `status` of fetch-like clients and Nest, `statusCode` of Node's, `response.status` of axios. */
function statusOf(error: unknown): number | undefined {
  const { status, statusCode, response } = asRecord(error);
  return [status, statusCode, asRecord(response)['status']].find((value) => typeof value === 'number');
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
