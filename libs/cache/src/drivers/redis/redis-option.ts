import type { Duration } from '../../core/shared/duration.js';
import type { RedisLike } from './redis-client.js';

/** Where a server listens. */
export interface HostPort {
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** What to do when Redis is not there at boot. */
export interface RedisBoot {
  /**
   * `true`: a boot without Redis fails with `CacheConnectionError`, at once where it refuses us (a wrong password).
   * `false`: the application starts, connects in the background, and until then every read goes to its source: nothing
   * is kept in memory before the invalidations of others can be heard, for it could go stale unseen. What contradicts
   * the options (a cluster given as one server, an ACL without a needed permission, a database that is not there) fails
   * the boot with `CacheConfigError` either way. Default `true`.
   */
  readonly required?: boolean | undefined;
  /**
   * How long the boot waits for Redis, in milliseconds or with a unit; it tries again all the while. Above 0, anything
   * else is `CacheConfigError`. Default `'5s'`.
   */
  readonly timeout?: Duration | undefined;
  /**
   * Whether other programs write the keys of this service: a `SET` or `DEL` by `redis-cli` or by another language then
   * reaches the memory of every process, by `CLIENT TRACKING`. One more connection to each primary, and more reads of
   * headers: docs/consistency.md. Anything but a boolean is `CacheConfigError`. Default `false`.
   */
  readonly tracking?: boolean | undefined;
}

/** How to sign in. Goes to every server: all nodes of a cluster, and the server that sentinels name. */
export interface RedisAuth extends RedisBoot {
  /** ACL user. Before the one in the URL. Default: the user `default`. */
  readonly username?: string | undefined;
  /** Before the one in the URL. Never shown in a message. Default: none. */
  readonly password?: string | undefined;
  /**
   * `true`, or the options of Node's `tls.connect`, such as `{ ca }` for a certificate of one's own. Default: what the
   * URL says, `true` for `rediss://`, which `false` contradicts: `CacheConfigError`.
   */
  readonly tls?: boolean | object | undefined;
}

/** One server, or what looks like one: `{ url: 'rediss://user:password@redis.internal:6380/0' }`. */
export interface RedisUrl extends RedisAuth {
  /**
   * `redis://` or, for TLS, `rediss://`; `host:port` alone will do. Default port 6379. The path is the number of the
   * database, default 0. What is special in a password is percent-encoded. Anything else is `CacheConfigError`.
   */
  readonly url: string;
}

/** A Redis Cluster, by some of its nodes: the others are found through them. */
export interface RedisNodes extends RedisAuth {
  /**
   * `'host:port'`, URLs or objects; at least one that answers at boot. Default port 6379. User, password and TLS must not
   * differ, and none names a database: `CacheConfigError`.
   */
  readonly nodes: readonly (string | HostPort)[];
}

/** The primary that sentinels name. */
export interface RedisSentinels extends RedisAuth {
  /**
   * The sentinels; default port 26379. User and password in a URL are the sentinels' own and must not differ; `tls` goes
   * for them and for the servers.
   */
  readonly sentinels: readonly (string | HostPort)[];
  /** By which the sentinels know the primary: the word behind `sentinel monitor`. */
  readonly name: string;
}

/**
 * An ioredis client of the application's, version 5 or 6, `Redis` or `Cluster`, for whatever has no option here (NAT
 * maps, another resolver). It is the pattern for connections of our own: it carries no command and is never closed.
 */
export interface RedisClientOption extends RedisBoot {
  /** With a `keyPrefix`, or where it reads from replicas, the boot fails with `CacheConfigError`. */
  readonly client: RedisLike;
}

/** `forRoot({ redis })`: a URL, a cluster, sentinels or a client. */
export type RedisOption = string | RedisUrl | RedisNodes | RedisSentinels | RedisClientOption;
