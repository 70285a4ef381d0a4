import { CacheConfigError } from '../../../core/errors.js';
import type { Coordination } from '../coordination/coordination.js';
import type { RedisNode } from '../redis-client.js';

/**
 * Whether a server could evict a lock that is held, and so give it to a second holder. Policies of volatile keys leave it
 * alone: it has no lifetime. Asked once, of the nodes that are connected by then.
 * @throws {CacheConfigError} when one could.
 * @throws as `Coordination.calls`, before they are known.
 */
export async function checkEviction(redis: Coordination): Promise<void> {
  const lines = await redis.calls();
  const nodes: readonly RedisNode[] = lines.kind === 'cluster' ? lines.data.nodes('master') : [lines.data];
  const infos = await Promise.all(nodes.map((node) => memoryOf(node)));
  const policy = infos.map(evicting).find((one) => one !== undefined);
  if (policy === undefined) return;
  throw new CacheConfigError(
    `locks: the server's maxmemory-policy is '${policy}', so it may evict a lock that is held and give it to a second holder. Set maxmemory-policy volatile-lru, or keep locks on another server.`,
  );
}

/** A server that does not let us ask is trusted. */
async function memoryOf(node: RedisNode): Promise<string> {
  try {
    return String(await node.call('INFO', 'memory'));
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return '';
    throw error;
  }
}

function evicting(info: string): string | undefined {
  const [, policy] = /^maxmemory_policy:(allkeys-\S+)/m.exec(info) ?? [];
  const [, most] = /^maxmemory:(\d+)/m.exec(info) ?? [];
  return most === '0' ? undefined : policy;
}
