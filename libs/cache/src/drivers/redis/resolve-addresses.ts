import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';
import { parseAddress, shownAddress, type Address } from './address.js';

type Credentials = Pick<Address, 'username' | 'password' | 'tls'>;

/**
 * The address at a place of the options.
 * @throws {CacheConfigError} when it is none.
 */
export function addressAt(path: string, given: unknown, defaultPort: number): Address {
  const address = typeof given === 'string' ? parseAddress(given, defaultPort) : fromObject(given);
  if (address !== undefined) return address;
  const value = typeof given === 'string' && given !== '' ? shownAddress(given) : shown(given);
  throw new CacheConfigError(
    `${path}: ${value} is no address: write 'redis://user:password@host:6379', 'rediss://…' for TLS or 'host:6379', and percent-encode what is special in a password.`,
  );
}

/** The addresses of a list; those of one cluster or of sentinels name no database. */
export function listAt(path: string, given: unknown, defaultPort: number): readonly Address[] {
  if (!Array.isArray(given) || given.length === 0) {
    const value = Array.isArray(given) ? 'an empty list' : typeof given === 'string' ? 'a text' : shown(given);
    throw new CacheConfigError(
      `${path}: ${value} is not valid: write a list of addresses: ['host:${defaultPort}', …].`,
    );
  }
  const addresses = given.map((one, at) => addressAt(`${path}[${at}]`, one, defaultPort));
  const numbered = addresses.findIndex(({ db }) => db !== undefined && db !== 0);
  if (numbered >= 0) {
    throw new CacheConfigError(`${path}[${numbered}]: no database can be chosen here: leave the number out.`);
  }
  return addresses;
}

/** The user, password and TLS that a list says, in one address or in all alike. */
export function sharedLogin(path: string, addresses: readonly Address[]): Credentials {
  const signed = addresses.filter(({ username, password }) => username !== undefined || password !== undefined);
  const [first] = signed;
  const differs = signed.some((one) => one.username !== first?.username || one.password !== first?.password);
  if (differs) throw new CacheConfigError(`${path}: users or passwords differ: write one for all of them.`);
  const secure = addresses.filter(({ tls }) => tls).length;
  if (secure > 0 && secure < addresses.length) {
    throw new CacheConfigError(`${path}: some say rediss:// and others do not: write it for all of them or none.`);
  }
  return { username: first?.username, password: first?.password, tls: secure > 0 };
}

function fromObject(given: unknown): Address | undefined {
  if (typeof given !== 'object' || given === null || !('host' in given) || !('port' in given)) return undefined;
  const { host, port } = given;
  if (typeof host !== 'string' || !/^[\w.:-]+$/.test(host)) return undefined;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { host, port, username: undefined, password: undefined, tls: false, db: undefined, family: undefined };
}
