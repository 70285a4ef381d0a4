import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';
import { addressAt, listAt, sharedLogin } from './resolve-addresses.js';
import { bootOf, loginOf, type Given } from './resolve-auth.js';
import type { RedisLike } from './redis-client.js';
import type { ResolvedRedis } from './resolved-redis.js';

const BOOT = ['required', 'timeout', 'tracking'];
const AUTH = [...BOOT, 'username', 'password', 'tls'];

/** What `redis` may be, by the one option that tells them apart, and what may stand beside it. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  url: AUTH,
  nodes: AUTH,
  sentinels: [...AUTH, 'name'],
  client: BOOT,
};

const FORMS =
  "write a URL ('redis://host:6379'), { nodes: ['host:7000', …] } for a cluster, { sentinels: […], name } or { client }";

/**
 * The `redis` of these options; `undefined` when it is absent or `false`: the cache runs embedded. A `redis` that is
 * there without a value is refused, because an unset REDIS_URL would split a fleet unseen.
 * @throws {CacheConfigError} with path, value and remedy. No message holds a password.
 */
export function resolveRedis(options: object, where = 'forRoot'): ResolvedRedis | undefined {
  if (!('redis' in options) || options.redis === false) return undefined;
  const path = `${where}.redis`;
  const given = options.redis;
  if (given === undefined || given === null || (typeof given === 'string' && given.trim() === '')) {
    throw new CacheConfigError(
      `${path}: ${shown(given)} is no address. Is a variable such as REDIS_URL unset? Set it, or write false to run embedded, each process for itself.`,
    );
  }
  if (typeof given === 'string') return ofUrl({ url: given }, path, path);
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new CacheConfigError(`${path}: ${shown(given)} is not valid: ${FORMS}.`);
  }
  return ofGroup(given as Given, path);
}

function ofGroup(given: Given, path: string): ResolvedRedis {
  const [shape, other] = Object.keys(SHAPES).filter((name) => name in given);
  if (shape === undefined) throw new CacheConfigError(`${path}: ${FORMS}.`);
  if (other !== undefined) throw new CacheConfigError(`${path}: ${shape} and ${other} exclude each other: ${FORMS}.`);
  const known = [shape, ...(SHAPES[shape] ?? [])];
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new CacheConfigError(
      `${path}.${unknown}: there is no option '${unknown}' beside ${shape}. Known options: ${known.join(', ')}.`,
    );
  }
  if (shape === 'url') return ofUrl(given, path, `${path}.url`);
  if (shape === 'nodes') return ofNodes(given, path);
  return shape === 'sentinels' ? ofSentinels(given, path) : ofClient(given, path);
}

/** One server, at a place of the options, that may be away at the boot. @throws {CacheConfigError} when it is no address. */
export function resolveServer(url: unknown, path: string): ResolvedRedis {
  return ofUrl({ url, required: false }, path, path);
}

function ofUrl(given: Given, path: string, place: string): ResolvedRedis {
  const address = addressAt(place, given.url, 6379);
  const { host, port, db = 0, family = 0 } = address;
  return Object.freeze({
    kind: 'standalone',
    host,
    port,
    db,
    family,
    ...loginOf(given, path, address),
    ...bootOf(given, path),
  });
}

function ofNodes(given: Given, path: string): ResolvedRedis {
  const addresses = listAt(`${path}.nodes`, given.nodes, 6379);
  const nodes = addresses.map(({ host, port }) => ({ host, port }));
  const login = loginOf(given, path, sharedLogin(`${path}.nodes`, addresses));
  return Object.freeze({ kind: 'cluster', nodes, ...login, ...bootOf(given, path) });
}

function ofSentinels(given: Given, path: string): ResolvedRedis {
  const addresses = listAt(`${path}.sentinels`, given.sentinels, 26_379);
  const { username, password, tls } = sharedLogin(`${path}.sentinels`, addresses);
  const { name } = given;
  if (typeof name !== 'string' || name === '') {
    throw new CacheConfigError(
      `${path}.name: ${shown(name)} is not valid: write the name by which the sentinels know the primary.`,
    );
  }
  return Object.freeze({
    kind: 'sentinel',
    sentinels: addresses.map(({ host, port }) => ({ host, port })),
    name,
    sentinelUsername: username,
    sentinelPassword: password,
    ...loginOf(given, path, { username: undefined, password: undefined, tls }),
    ...bootOf(given, path),
  });
}

function ofClient(given: Given, path: string): ResolvedRedis {
  const { client } = given;
  if (typeof client !== 'object' || client === null) {
    throw new CacheConfigError(
      `${path}.client: ${shown(client)} is no client: write an ioredis Redis or Cluster, version 5 or 6.`,
    );
  }
  return Object.freeze({ kind: 'client', client: client as RedisLike, ...bootOf(given, path) });
}
