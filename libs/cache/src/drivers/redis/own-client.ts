import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';
import type { RedisCluster, RedisClusterOptions, RedisLike, RedisNode, RedisNodeOptions } from './redis-client.js';

/** A client of the application's, told apart. */
export type OwnClient =
  | { readonly isCluster: true; readonly client: RedisCluster }
  | { readonly isCluster: false; readonly client: RedisNode };

const PATH = 'forRoot.redis.client';

/**
 * Whether a client can be the pattern for our connections.
 * @throws {CacheConfigError} for what is no client of ioredis 5 or 6, and for one with `keyPrefix` or replica reads.
 */
export function ownClient(given: RedisLike): OwnClient {
  const client: object = given;
  if (!isIoredis(client)) {
    throw new CacheConfigError(`${PATH}: this is no client of ioredis 5 or 6: write new Redis(…) or new Cluster(…).`);
  }
  if (client.isCluster) {
    const cluster = client as unknown as RedisCluster;
    checkCluster(cluster.options);
    return { isCluster: true, client: cluster };
  }
  const node = client as unknown as RedisNode;
  checkPrefix(node.options.keyPrefix);
  if (node.options.readOnly === true) refuseReplicas('readOnly: true', 'readOnly');
  if (node.options.role === 'slave') refuseReplicas("role: 'slave'", 'role');
  return { isCluster: false, client: node };
}

function checkCluster({ keyPrefix, redisOptions = {}, scaleReads }: RedisClusterOptions): void {
  checkPrefix(keyPrefix ?? redisOptions.keyPrefix);
  if (redisOptions.readOnly === true) refuseReplicas('redisOptions.readOnly: true', 'readOnly');
  if (scaleReads === undefined || scaleReads === 'master') return;
  refuseReplicas(`scaleReads: ${typeof scaleReads === 'string' ? `'${scaleReads}'` : 'a function'}`, 'scaleReads');
}

function checkPrefix(keyPrefix: RedisNodeOptions['keyPrefix']): void {
  if (keyPrefix === undefined || keyPrefix === null || keyPrefix.length === 0) return;
  throw new CacheConfigError(
    `${PATH}: its keyPrefix ${shown(keyPrefix)} is not valid: ioredis puts it before keys but not before channels nor inside scripts, so processes would not meet. Pass a client without keyPrefix; 'service' keeps applications apart already.`,
  );
}

function refuseReplicas(found: string, option: string): never {
  throw new CacheConfigError(
    `${PATH}: it reads from replicas (${found}), which lag behind: a value just replaced would come back as the newest. Pass a client without ${option}.`,
  );
}

/** Version 4 had `dropBufferSupport`, and promises of its own. */
function isIoredis(client: object): client is { readonly isCluster: boolean } {
  const has = (name: string): boolean => typeof Reflect.get(client, name) === 'function';
  const options: unknown = Reflect.get(client, 'options');
  if (typeof options !== 'object' || options === null || 'dropBufferSupport' in options) return false;
  return typeof Reflect.get(client, 'isCluster') === 'boolean' && has('duplicate') && has('callBuffer');
}
