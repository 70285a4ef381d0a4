import type { RedisCluster } from '../../support/redis/cluster.js';
import type { RedisServer } from '../../support/redis/server.js';
import { settings } from '../../support/redis/settings.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { Proxy } from '../kit/proxy.js';
import type { Kind, Scene } from './faults.js';
import { nemesis, type Struck } from './nemesis.js';
import { Workload, type Place, type Plan, type Result } from './workload.js';

const WORKERS = 3;

/** Many keys with clients of every process; many operations at once, so that one WAIT confirms what a tick has asked. */
const FLEET = { keys: 96, clients: 64, plain: 6, writes: 0.15, idle: 40 };

/** Until a round that hangs is given up, ms. */
export const ROUND_MS = 300_000;

export interface Round {
  readonly seed: number;
  readonly operations: number;
  readonly events: number;
  readonly kinds: readonly Kind[];
}

export interface RoundResult extends Result {
  readonly struck: readonly Struck[];
  readonly ms: number;
}

export interface GroundOptions {
  readonly seed: number;
  /** Of each of three primaries. */
  readonly replicas: number;
  /** Whether anybody waits for replicas: without it level `strict` is none. */
  readonly confirms: boolean;
}

interface GroundParts extends Pick<GroundOptions, 'replicas'> {
  readonly service: string;
  readonly cluster: RedisCluster;
  readonly proxies: ReadonlyMap<RedisServer, Proxy>;
  readonly workload: Workload;
}

/** Each primary keeps its own replicas: those that are stopped are missed by nobody else. */
const STEADY = settings({ 'cluster-allow-replica-migration': 'no' });

/** A cluster, three workers with strict clients, and what can happen to all of them. */
export class Ground {
  private constructor(private readonly parts: GroundParts) {}

  static async start(service: string, { seed, replicas, confirms }: GroundOptions): Promise<Ground> {
    // Quick to replace a primary, so that it happens before clients look for who has its slots.
    const cluster = await startCluster({ replicas, nodeTimeoutMs: 500, args: () => STEADY });
    const { nodes } = cluster;
    const proxies = new Map<RedisServer, Proxy>();
    for (const [at, node] of nodes.entries()) proxies.set(node, await Proxy.start(node, { seed: seed + at }));
    const detours = Object.fromEntries([...proxies].map(([node, proxy]) => [node.port, proxy.port]));
    const direct: Place = { redis: { nodes: nodes.map(({ host, port }) => ({ host, port })) }, confirms };
    // The ways of the first can be cut one by one.
    const places = Array.from({ length: WORKERS }, (_, at) => (at === 0 ? { ...direct, detours } : direct));
    try {
      const workload = await Workload.start(service, places);
      return new Ground({ service, replicas, cluster, proxies, workload });
    } catch (error) {
      await ended(cluster, proxies);
      throw error;
    }
  }

  /** The same seed has the same clients do the same to the same keys, and the same happen to them in the same order. */
  async round({ seed, operations, events, kinds }: Round): Promise<RoundResult> {
    const began = performance.now();
    const name = `round-${seed}`;
    const keys = Array.from({ length: FLEET.keys }, (_, at) => `app:${this.parts.service}:${name}:${at}`);
    let struck: readonly Struck[] = [];
    const plan: Plan = { ...FLEET, level: 'strict', name, ms: ROUND_MS, seed, operations };
    const result = await this.parts.workload.run(plan, async () => {
      struck = await nemesis(this.#scene(keys), { events, seed, kinds });
    });
    return { ...result, struck, ms: performance.now() - began };
  }

  async stop(): Promise<void> {
    await this.parts.workload.stop();
    await ended(this.parts.cluster, this.parts.proxies);
  }

  #scene(keys: readonly string[]): Scene {
    const { cluster, replicas, workload, proxies } = this.parts;
    const proxyOf = (node: RedisServer): Proxy => {
      const proxy = proxies.get(node);
      if (proxy === undefined) throw new Error(`port ${node.port} is no node of this cluster`);
      return proxy;
    };
    return { cluster, replicas, workers: workload.workers, keys, proxyOf };
  }
}

async function ended(cluster: RedisCluster, proxies: ReadonlyMap<RedisServer, Proxy>): Promise<void> {
  await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
  await cluster.stop();
}
