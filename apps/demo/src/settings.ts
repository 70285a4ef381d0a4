import type { RedisOption } from '@datapunk/cache';

/**
 * What the environment says. Everything has a default: `npm start` needs no setting and no server. An empty text counts
 * as not set, because that is what shells and compose files make of a variable that nobody set.
 */
export interface Settings {
  /** HOST; default 127.0.0.1, so that nothing outside this machine can reach the demo */
  readonly host: string;
  /** PORT; default 3000; 0 takes any free port */
  readonly port: number;
  /** DATABASE_URL; absent: an embedded PostgreSQL in memory */
  readonly databaseUrl: string | undefined;
  /** REDIS_URL, one server, or REDIS_NODES, `host:port,host:port` of a cluster; absent: the cache is in this process */
  readonly redis: RedisOption | false;
  /** MEMORY_ENTRIES, the most entries this process keeps; default 250000; with 1 all but one come from Redis */
  readonly memoryEntries: number;
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  return {
    host: environment.HOST || '127.0.0.1',
    port: wholeNumber('PORT', environment.PORT || '3000', [0, 65_535]),
    databaseUrl: environment.DATABASE_URL || undefined,
    redis: readRedis(environment.REDIS_URL, environment.REDIS_NODES),
    memoryEntries: wholeNumber('MEMORY_ENTRIES', environment.MEMORY_ENTRIES || '250000', [1, 10_000_000]),
  };
}

/** Where answers are kept, without an address: one may hold a password. */
export function placeOf({ redis }: Settings): string {
  if (redis === false) return 'in this process alone; REDIS_URL or REDIS_NODES would share it with others';
  return typeof redis === 'string'
    ? 'in this process, in front of the Redis of REDIS_URL'
    : 'in this process, in front of the Redis Cluster of REDIS_NODES';
}

function wholeNumber(name: string, text: string, [least, most]: readonly [number, number]): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Error(`${name} is '${text}': give a whole number from ${least} to ${most}`);
  }
  return number;
}

/** What an address may look like is for the cache to say. */
function readRedis(url: string | undefined, list: string | undefined): RedisOption | false {
  if (url && list) {
    throw new Error(
      'REDIS_URL and REDIS_NODES are both set: give REDIS_URL for one server or REDIS_NODES for a cluster',
    );
  }
  if (!list) return url || false;
  const nodes = list.split(',').map((node) => node.trim());
  return { nodes: nodes.filter((node) => node !== '') };
}
