import type { RedisCluster } from '../../support/redis/cluster.js';
import { HOST } from '../../support/redis/ports.js';
import type { RedisServer } from '../../support/redis/server.js';
import { type ClusterOptions, startCluster } from '../../support/redis/start-cluster.js';
import { settings } from '../../support/redis/settings.js';
import { startStandalone, type StandaloneOptions } from '../../support/redis/standalone.js';
import type { Target } from './link.js';
import { Proxy } from './proxy.js';
import { chooseSeed } from './seed.js';

/** Until a node has its port. */
const NOWHERE: Target = { host: HOST, port: 0 };

export interface ProxiedServer {
  readonly server: RedisServer;
  readonly proxy: Proxy;
  stop(): Promise<void>;
}

/** A server and the proxy before it. */
export async function proxiedServer(options: StandaloneOptions & { seed?: number } = {}): Promise<ProxiedServer> {
  const server = await startStandalone(options);
  const proxy = await Proxy.start(server, options.seed === undefined ? {} : { seed: options.seed });
  return {
    server,
    proxy,
    stop: async () => {
      await proxy.close();
      await server.stop();
    },
  };
}

export interface ProxiedClusterOptions extends ClusterOptions {
  readonly seed?: number;
  /**
   * The nodes tell clients the ports of the proxies, so that any client goes through them, without `natMap`. Replicas
   * then follow their primary through its proxy as well. Default: they tell their own, and `natMap` translates.
   */
  readonly announce?: boolean;
}

export interface ProxiedCluster {
  readonly cluster: RedisCluster;
  /** where a client starts: the proxies */
  readonly nodes: readonly Target[];
  /** for ioredis: what the nodes say of each other, and the proxy to take instead */
  readonly natMap: Readonly<Record<string, Target>>;
  readonly proxies: readonly Proxy[];
  proxyOf(node: RedisServer): Proxy;
  stop(): Promise<void>;
}

/** A cluster with a proxy before each node. What the nodes say to each other on the cluster bus goes past them. */
export async function proxiedCluster(options: ProxiedClusterOptions = {}): Promise<ProxiedCluster> {
  const { primaries = 3, replicas = 1, announce = false, args = () => [] } = options;
  const seed = options.seed ?? chooseSeed('proxied cluster');
  const count = primaries * (1 + replicas);
  const proxies = await Promise.all(
    Array.from({ length: count }, (_, node) => Proxy.start(NOWHERE, { seed: seed + node })),
  );
  const cluster = await startCluster({
    ...options,
    args: (node, port) => {
      const proxy = proxies[node];
      proxy?.aim({ host: HOST, port });
      const front = announce && proxy ? settings({ 'cluster-announce-port': proxy.port }) : [];
      return [...args(node, port), ...front];
    },
  });
  const byServer = new Map(cluster.nodes.map((node, at) => [node, proxies[at]]));
  return {
    cluster,
    proxies,
    nodes: proxies.map(({ host, port }) => ({ host, port })),
    natMap: announce ? {} : Object.fromEntries(proxies.map(translation)),
    proxyOf: (node) => {
      const proxy = byServer.get(node);
      if (!proxy) throw new Error(`port ${node.port} is no node of this cluster`);
      return proxy;
    },
    stop: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await cluster.stop();
    },
  };
}

function translation({ target, host, port }: Proxy): [string, Target] {
  return [`${target.host}:${target.port}`, { host, port }];
}
