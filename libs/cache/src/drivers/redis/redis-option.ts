import type { Duration } from '../../core/shared/duration.js';
import type { RedisLike } from './redis-client.js';

/** Where a server listens. An IPv6 address is written without brackets. */
export interface HostPort {
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** What to do when Redis is not there at boot. */
export interface RedisBoot {
  /**
   * `true`: a boot without Redis fails with `CacheConnectionError`. `false`: it starts on the local layers alone and
   * connects in the background. What no waiting can heal (a cluster given as one server, a client with `keyPrefix`, an
   * ACL without a needed permission) fails the boot with `CacheConfigError` either way. Default `true`.
   */
  readonly required?: boolean | undefined;
  /** How long the boot waits for Redis; tried again all the while. Above 0, default `'5s'`. */
  readonly timeout?: Duration | undefined;
}

/** How to sign in. Goes to every server: all nodes of a cluster, and the server that sentinels name. */
export interface RedisAuth extends RedisBoot {
  /** ACL user. Before the one in the URL. Default: the user `default`. */
  readonly username?: string | undefined;
  /** Before the one in the URL. Never shown in a message. Default: none. */
  readonly password?: string | undefined;
  /**
   * `true`, or the options of Node's `tls.connect`, such as `{ ca }` for a certificate of one's own. Default: what the
   * URL says, `true` for `rediss://`.
   */
  readonly tls?: boolean | object | undefined;
}

/** One server, or what looks like one: `{ url: 'rediss://user:password@redis.internal:6380/0' }`. */
export interface RedisUrl extends RedisAuth {
  /** `redis://` or, for TLS, `rediss://`; `host:port` alone will do. The path is the number of the database. */
  readonly url: string;
}

/** A Redis Cluster, by some of its nodes: the others are found through them. */
export interface RedisNodes extends RedisAuth {
  /** `'host:port'`, URLs or objects; at least one that answers at boot. User, password and TLS must not differ. */
  readonly nodes: readonly (string | HostPort)[];
}

/** The primary that sentinels name. */
export interface RedisSentinels extends RedisAuth {
  /** The sentinels. User and password in a URL are the sentinels' own; `tls` goes for them and for the servers. */
  readonly sentinels: readonly (string | HostPort)[];
  /** By which the sentinels know the primary: the word behind `sentinel monitor`. */
  readonly name: string;
}

/**
 * An ioredis client of the application's, version 5 or 6, `Redis` or `Cluster`, for whatever has no option here (NAT
 * maps, another resolver). It is the pattern for connections of our own: it carries no command and is never closed.
 * Refused at boot: a `keyPrefix`, and reads from replicas.
 */
export interface RedisClientOption extends RedisBoot {
  readonly client: RedisLike;
}

/** `forRoot({ redis })`: a URL, a cluster, sentinels or a client. */
export type RedisOption = string | RedisUrl | RedisNodes | RedisSentinels | RedisClientOption;
