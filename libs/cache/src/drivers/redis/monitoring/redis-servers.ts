import type { ServerAway, ServerFigures, Servers } from '../../../core/servers/server-figures.js';
import type { Clock } from '../../../core/shared/clock.js';
import { nodeKey, type RedisNode } from '../redis-client.js';
import type { RedisConnections } from '../redis-connections.js';
import { within } from '../within.js';

const NAMES = {
  usedMemory: 'used_memory',
  maxMemory: 'maxmemory',
  evictedKeys: 'evicted_keys',
  keyspaceHits: 'keyspace_hits',
  keyspaceMisses: 'keyspace_misses',
  connectedClients: 'connected_clients',
} as const satisfies Partial<Record<keyof ServerFigures, string>>;

/** Asks the servers of a client for their INFO. */
export class RedisServers implements Servers {
  constructor(
    private readonly connections: RedisConnections,
    private readonly clock: Clock,
  ) {}

  async look(ms: number): Promise<readonly (ServerFigures | ServerAway)[]> {
    const { connections } = this;
    if (connections.kind === 'standalone') return [await this.#figures(connections.data, connections.address, ms)];
    const nodes = connections.isReady() ? connections.data.nodes('master') : [];
    if (nodes.length === 0) return [{ address: connections.address, away: 'there is no connection' }];
    return Promise.all(nodes.map((node) => this.#figures(node, nodeKey(node), ms)));
  }

  async #figures(node: RedisNode, address: string, ms: number): Promise<ServerFigures | ServerAway> {
    if (this.connections.kind === 'standalone' && !this.connections.isReady()) {
      return { address, away: 'there is no connection' };
    }
    const began = this.clock.now();
    try {
      const info = String(await within(this.clock, ms, node.call('INFO')));
      return { address, latency: this.clock.now() - began, ...numbersOf(info) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // It answers, and does not let us ask.
      if (message.startsWith('NOPERM')) return { address, latency: this.clock.now() - began };
      return { address, away: message };
    }
  }
}

function numbersOf(info: string): Partial<ServerFigures> {
  const number = (name: string): number | undefined => {
    const [, text] = new RegExp(`^${name}:(\\d+)`, 'm').exec(info) ?? [];
    return text === undefined ? undefined : Number(text);
  };
  return Object.fromEntries(Object.entries(NAMES).map(([figure, name]) => [figure, number(name)]));
}
