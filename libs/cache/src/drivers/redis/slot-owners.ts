import { nodeKey, type RedisCluster, type RedisNode } from './redis-client.js';

/** The connection to the primary of a slot, and the name of that node: `host:port`. */
export interface SlotOwner {
  readonly client: RedisNode;
  readonly key: string;
}

/** Who owns which slot, as far as the cluster client knows; kept by its events, so that asking costs two look-ups. */
export class SlotOwners {
  readonly #nodes = new Map<string, SlotOwner>();

  constructor(private readonly cluster: RedisCluster) {
    cluster.on('+node', (node) => this.#add(node as RedisNode));
    cluster.on('-node', (node) => this.#remove(node as RedisNode));
  }

  /**
   * `undefined` when nobody is known to own the slot, or its connection is not ready: connections are opened by their
   * first command. Such commands go through the cluster client, which follows redirects and connects.
   */
  ownerOf(slot: number): SlotOwner | undefined {
    const key = this.cluster.slots[slot]?.[0];
    if (key === undefined) return undefined;
    const owner = this.#nodes.get(key);
    return owner?.client.status === 'ready' ? owner : undefined;
  }

  #add(client: RedisNode): void {
    const key = nodeKey(client);
    this.#nodes.set(key, { client, key });
  }

  /** ioredis may put a new connection in the place of an old one before it tells that the old one is gone. */
  #remove(client: RedisNode): void {
    const key = nodeKey(client);
    if (this.#nodes.get(key)?.client === client) this.#nodes.delete(key);
  }
}
