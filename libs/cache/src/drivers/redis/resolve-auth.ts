import { CacheConfigError } from '../../core/errors.js';
import { duration } from '../../core/shared/duration.js';
import { shown } from '../../core/shared/shown.js';
import type { Address } from './address.js';
import type { Login, ResolvedRedis } from './resolved-redis.js';

/** A `redis` object as given: anything may be in it. */
export type Given = Readonly<Record<string, unknown>>;

const DEFAULT_TIMEOUT = '5s';

/** @throws {CacheConfigError} */
export function bootOf(given: Given, path: string): Pick<ResolvedRedis, 'required' | 'timeoutMs' | 'tracking'> {
  const { timeout = DEFAULT_TIMEOUT } = given;
  const required = flagAt(given, path, 'required') ?? true;
  const tracking = flagAt(given, path, 'tracking') ?? false;
  const timeoutMs = duration(timeout as string, `${path}.timeout`);
  if (timeoutMs > 0) return { required, timeoutMs, tracking };
  throw new CacheConfigError(`${path}.timeout: ${shown(timeout)} is not valid: write more than 0, such as '5s'.`);
}

function flagAt(given: Given, path: string, name: 'required' | 'tracking'): boolean | undefined {
  const value = given[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw new CacheConfigError(`${path}.${name}: ${shown(value)} is not valid: write true or false.`);
}

/**
 * How to sign in: what is written as an option goes before what the address says.
 * @throws {CacheConfigError} which never shows what stands in the place of a password.
 */
export function loginOf(given: Given, path: string, address: Pick<Address, 'username' | 'password' | 'tls'>): Login {
  const username = textAt(given, path, 'username') ?? address.username;
  const password = textAt(given, path, 'password') ?? address.password;
  return {
    username,
    // A user without a password still has to say who it is.
    password: password ?? (username === undefined ? undefined : ''),
    tls: tlsOf(given.tls, address.tls, `${path}.tls`),
  };
}

function textAt(given: Given, path: string, name: 'username' | 'password'): string | undefined {
  const value = given[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new CacheConfigError(`${path}.${name}: a ${typeof value} is not valid: write a text.`);
}

function tlsOf(given: unknown, isSecure: boolean, path: string): object | undefined {
  if (given === undefined) return isSecure ? {} : undefined;
  if (given === true) return {};
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  if (given !== false) {
    throw new CacheConfigError(
      `${path}: ${shown(given)} is not valid: write true, false or the options of tls.connect: { ca }.`,
    );
  }
  if (!isSecure) return undefined;
  throw new CacheConfigError(`${path}: false contradicts rediss://: write redis:// for a plain connection.`);
}
