import { guard, type AccessOptions } from './access.js';
import { RedisCluster } from './cluster.js';
import { readSlots, splitSlots } from './cluster-view.js';
import { obtainServer } from './obtain-server.js';
import { freePort } from './ports.js';
import { fields, text } from './reply.js';
import { RedisServer } from './server.js';
import { settings } from './settings.js';
import { EPHEMERAL } from './standalone.js';
import { eventually } from './wait.js';

export interface ClusterOptions extends AccessOptions {
  /** default 3 */
  readonly primaries?: number;
  /** of each primary; default 1 */
  readonly replicas?: number;
  /** how long a node may be silent until the others replace it; default 1,000 ms */
  readonly nodeTimeoutMs?: number;
  /** further settings of a node, as on the command line of `redis-server` */
  readonly args?: (node: number, port: number) => readonly string[];
}

interface Node {
  readonly server: RedisServer;
  readonly id: string;
  readonly busPort: number;
}

/** Starts all nodes at once and joins them; about 2 s, most of which a node waits by itself before it serves. */
export async function startCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const { primaries = 3, replicas = 1 } = options;
  const access = guard(options);
  const count = primaries * (1 + replicas);
  const nodes = await Promise.all(Array.from({ length: count }, (_, node) => startNode(node, options)));
  try {
    await join(nodes, primaries);
    await eventually('the cluster serves and every replica follows', () => whole(nodes, replicas));
  } catch (error) {
    await Promise.all(nodes.map(({ server }) => server.stop()));
    throw error;
  }
  const { username = 'default', password } = access.login;
  const auth = password === undefined ? [] : ['AUTH2', username, password];
  return new RedisCluster(new Map(nodes.map(({ server, id }) => [server, id])), auth);
}

async function startNode(node: number, options: ClusterOptions): Promise<Node> {
  const { nodeTimeoutMs = 1_000, args = () => [] } = options;
  const access = guard(options);
  const busPort = await freePort();
  const server = await RedisServer.launch({
    binary: obtainServer(),
    access: access.login,
    args: (port, folder) => [
      ...settings({
        port,
        'cluster-enabled': 'yes',
        'cluster-port': busPort,
        'cluster-node-timeout': nodeTimeoutMs,
        'cluster-config-file': 'nodes.conf',
      }),
      ...EPHEMERAL,
      ...access.args(folder),
      ...args(node, port),
    ],
  });
  return { server, id: text(await server.call('CLUSTER', 'MYID')), busPort };
}

/** The first `primaries` nodes share the slots; the others follow them in turn. */
async function join(nodes: readonly Node[], primaries: number): Promise<void> {
  const ranges = splitSlots(primaries);
  await Promise.all(
    nodes.map(async ({ server }, node) => {
      await server.call('CLUSTER', 'SET-CONFIG-EPOCH', node + 1);
      const range = ranges[node];
      if (range) await server.call('CLUSTER', 'ADDSLOTSRANGE', ...range);
    }),
  );
  await Promise.all(nodes.map((node, at) => meet(node, nodes.slice(at + 1))));
  await Promise.all(nodes.slice(primaries).map((node, at) => follow(node, nodes[at % primaries])));
}

async function meet({ server }: Node, others: readonly Node[]): Promise<void> {
  for (const other of others) {
    await server.call('CLUSTER', 'MEET', other.server.host, other.server.port, other.busPort);
  }
}

/** Fails until the replica has heard of its primary, so it is said again until it works. */
async function follow({ server }: Node, primary: Node | undefined): Promise<void> {
  if (!primary) return;
  await eventually('a replica knows its primary', async () => {
    return (await server.call('CLUSTER', 'REPLICATE', primary.id)) === 'OK';
  });
}

/** Whether every node sees the same whole cluster, replicas included, and every replica is linked. */
async function whole(nodes: readonly Node[], replicas: number): Promise<boolean> {
  const views = await Promise.all(nodes.map(({ server }) => sees(server, nodes.length, replicas)));
  return views.every(Boolean);
}

async function sees(server: RedisServer, count: number, replicas: number): Promise<boolean> {
  const cluster = fields(await server.call('CLUSTER', 'INFO'));
  if (cluster.get('cluster_state') !== 'ok' || cluster.get('cluster_known_nodes') !== String(count)) return false;
  const ranges = readSlots(await server.call('CLUSTER', 'SLOTS'));
  if (ranges.some((range) => range.replicas.length !== replicas)) return false;
  const link = fields(await server.call('INFO', 'replication')).get('master_link_status');
  return link === undefined || link === 'up';
}
