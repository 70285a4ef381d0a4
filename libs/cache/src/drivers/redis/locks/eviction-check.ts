import slotOf from 'cluster-key-slot';
import { CacheConfigError } from '../../../core/errors.js';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Coordination } from '../coordination/coordination.js';
import { nodeKey, type RedisNode } from '../redis-client.js';
import type { RedisConnections } from '../redis-connections.js';
import { evictionPolicy, infoOf } from '../server-info.js';
import { within } from '../within.js';

/** Policies that know no key to be spared. */
const ALL_KEYS = /^allkeys-/;

/** The server of a key, and the name under which it is remembered. */
interface Server {
  readonly name: string;
  readonly node: RedisNode;
}

/**
 * Whether a server could evict a lock that is held, and so give it to a second holder. Policies of volatile keys leave it
 * alone: it has no lifetime. Each server is asked before its first lock, and no other is waited for.
 */
export class EvictionCheck {
  #lines: RedisConnections | undefined;
  /** Servers that evict no lock. */
  readonly #safe = new Set<string>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(private readonly redis: Coordination) {}

  /**
   * @returns nothing where the server of the key is known to keep it.
   * @throws {CacheConfigError} when it could evict it.
   * @throws {CacheTimeoutError} when it does not answer in time; as `Coordination.calls`, before they are open.
   */
  of(key: string): Promise<void> | undefined {
    if (this.#lines === undefined) return this.#open(key);
    const name = nameOf(this.#lines, key);
    if (name === undefined || this.#safe.has(name)) return undefined;
    const node = nodeOf(this.#lines, name);
    // Nobody is known to have the key: whoever is found to have it is asked next time.
    return node === undefined ? undefined : this.#ask({ name, node });
  }

  async #open(key: string): Promise<void> {
    this.#lines = await this.redis.calls();
    await this.of(key);
  }

  #ask(server: Server): Promise<void> {
    let asking = this.#asking.get(server.name);
    if (asking !== undefined) return asking;
    asking = this.#check(server).finally(() => this.#asking.delete(server.name));
    this.#asking.set(server.name, asking);
    return asking;
  }

  async #check({ name, node }: Server): Promise<void> {
    const policy = evictionPolicy(await within(this.redis.clock, ANSWER_MS, infoOf(node, 'memory')), ALL_KEYS);
    if (policy === undefined) {
      this.#safe.add(name);
      return;
    }
    throw new CacheConfigError(
      `locks: the server's maxmemory-policy is '${policy}', so it may evict a lock that is held and give it to a second holder. Set maxmemory-policy volatile-lru, or keep locks on another server.`,
    );
  }
}

/** Under which name a cluster knows the primary of a key; one server has none and needs none. */
function nameOf(lines: RedisConnections, key: string): string | undefined {
  return lines.kind === 'cluster' ? lines.data.slots[slotOf(key)]?.[0] : '';
}

function nodeOf(lines: RedisConnections, name: string): RedisNode | undefined {
  if (lines.kind === 'standalone') return lines.data;
  return lines.data.nodes('master').find((node) => nodeKey(node) === name);
}
