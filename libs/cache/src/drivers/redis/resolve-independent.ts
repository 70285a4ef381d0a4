import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';
import type { ResolvedRedis } from './resolved-redis.js';
import { resolveServer } from './resolve-redis.js';

/** With two, both have to answer: that is less than one. */
const FEWEST = 3;

/**
 * Servers of which none knows of the others, as options name them. Each may be away at the boot.
 * @throws {CacheConfigError} for fewer than three, and for what is no address.
 */
export function resolveIndependent(nodes: unknown, path: string): readonly ResolvedRedis[] {
  if (!Array.isArray(nodes)) {
    throw new CacheConfigError(`${path}: ${shown(nodes)} is not valid: write a list of addresses: ['host:6379', …].`);
  }
  if (nodes.length < FEWEST) {
    throw new CacheConfigError(
      `${path}: ${nodes.length} of ${FEWEST} servers. Name ${FEWEST} or more that are independent of each other, or leave out engine: 'redlock'.`,
    );
  }
  return nodes.map((url: unknown, at) => resolveServer(url, `${path}[${at}]`));
}
