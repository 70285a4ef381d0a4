import 'vitest';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the global setup has started, for `inject('redis')`. Servers are shared by all specs of a run: break your own. */
export interface RedisAddresses {
  readonly standalone: string;
  /** the one that compares strings as en_US.UTF-8 does */
  readonly locale: string;
  readonly sentinel: { readonly name: string; readonly sentinels: readonly Address[] };
  readonly cluster: readonly Address[];
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly redis: RedisAddresses;
  }
}
