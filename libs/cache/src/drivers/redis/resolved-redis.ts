import type { HostPort } from './redis-option.js';
import type { RedisLike } from './redis-client.js';

interface Terms {
  readonly required: boolean;
  /** How long the boot waits. */
  readonly timeoutMs: number;
  /** Whether programs that know nothing of this library write our keys. */
  readonly tracking: boolean;
}

export interface Login {
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Options of `tls.connect`; `undefined`: plain. */
  readonly tls: object | undefined;
}

export interface StandaloneRedis extends Terms, Login, HostPort {
  readonly kind: 'standalone';
  readonly db: number;
  /** 4 or 6: the only kind of address the name is looked up for; 0: either. */
  readonly family: number;
}

export interface ClusterRedis extends Terms, Login {
  readonly kind: 'cluster';
  readonly nodes: readonly HostPort[];
}

export interface SentinelRedis extends Terms, Login {
  readonly kind: 'sentinel';
  readonly sentinels: readonly HostPort[];
  readonly name: string;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

export interface ClientRedis extends Terms {
  readonly kind: 'client';
  readonly client: RedisLike;
}

/** `forRoot({ redis })`, checked and complete. */
export type ResolvedRedis = StandaloneRedis | ClusterRedis | SentinelRedis | ClientRedis;
