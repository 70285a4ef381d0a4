import { inject } from 'vitest';
import type { CacheModuleOptions } from '@datapunk/cache';
import './redis/addresses.js';

/**
 * Where the values of the booted applications are kept, one a project of `vitest.config.mts`. `standalone` and `cluster`
 * are Redis below a memory as everybody has it. `cold` is a Redis below a memory that keeps nothing, so that every read
 * goes through the bytes and back; its server compares strings as en_US does.
 */
export type Backend = 'embedded' | 'standalone' | 'cluster' | 'cold';

declare module 'vitest' {
  interface ProvidedContext {
    readonly backend: Backend;
  }
}

export const backend = inject('backend');

/** Whether other processes, and the next application, see what this one keeps. */
export const isShared = backend !== 'embedded';

/** The service of the tests' applications: one for each worker, because the servers are the same for all. */
export const SERVICE = isShared ? `lake-${process.pid.toString(36)}` : 'lake';

/** Another service of this worker. */
export const sibling = (name: string): string => `${SERVICE}-${name}`;

/** The full key of the tests' service. */
export const full = <S extends string>(key: S): `app:${string}:${S}` => `app:${SERVICE}:${key}`;

type RedisOptions = Pick<CacheModuleOptions, 'redis'>;

const OPTIONS: Readonly<Record<Backend, () => RedisOptions>> = {
  embedded: () => ({}),
  standalone: () => ({ redis: inject('redis').standalone }),
  cluster: () => ({ redis: { nodes: inject('redis').cluster } }),
  cold: () => ({ redis: inject('redis').locale }),
};

/** What a user would write in `forRoot` to keep values there. */
export const backendOptions = (): RedisOptions => OPTIONS[backend]();
