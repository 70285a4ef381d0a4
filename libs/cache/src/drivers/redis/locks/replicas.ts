import slotOf from 'cluster-key-slot';
import type { Coordination } from '../coordination/coordination.js';
import type { RedisConnections } from '../redis-connections.js';

/**
 * How many replicas have to confirm a lock: all that its server had when it was first asked, or what the options say.
 * Never fewer because fewer can be seen later: one that is missing may be the one that takes over.
 */
export class Replicas {
  #known: ((key: string) => number) | undefined;

  /** @param required what the options say */
  constructor(
    private readonly redis: Coordination,
    required: number | undefined,
  ) {
    if (required !== undefined) this.#known = () => required;
  }

  /** @throws as `Coordination.calls`, before it is known. */
  of(key: string): number | Promise<number> {
    return this.#known === undefined ? this.#learn(key) : this.#known(key);
  }

  async #learn(key: string): Promise<number> {
    const counted = await count(await this.redis.calls());
    this.#known ??= counted;
    return this.#known(key);
  }
}

async function count(lines: RedisConnections): Promise<(key: string) => number> {
  if (lines.kind === 'standalone') {
    const replicas = await attached(lines.data.call('INFO', 'replication'));
    return () => replicas;
  }
  // The map is replaced while the cluster changes: this is how it was.
  const counts = Array.from(lines.data.slots, (nodes) => Math.max(0, (nodes?.length ?? 0) - 1));
  return (key) => counts[slotOf(key)] ?? 0;
}

/** A server that does not let us ask has none, as far as we know. */
async function attached(asked: Promise<unknown>): Promise<number> {
  try {
    const [, replicas] = /connected_slaves:(\d+)/.exec(String(await asked)) ?? [];
    return Number(replicas ?? 0);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return 0;
    throw error;
  }
}
