import { Cluster, Redis } from 'ioredis';
import { inject } from 'vitest';
import { backend } from '../backends.js';

/** The servers of the backend, as the tests themselves see them, behind the back of the cache. */
export interface BackendServers {
  /** For commands on keys. */
  readonly client: Redis | Cluster;
  /** One connection to each primary. */
  primaries(): readonly Redis[];
  /** One connection to each node. */
  nodes(): readonly Redis[];
}

let open: BackendServers | undefined;

/** The servers, connected to once for a file of tests: `tidy.ts` lets them go. */
export function servers(): BackendServers {
  open ??= backend === 'cluster' ? overCluster() : overServer();
  return open;
}

export async function disconnect(): Promise<void> {
  const client = open?.client;
  open = undefined;
  await client?.quit();
}

function overServer(): BackendServers {
  const { standalone, locale } = inject('redis');
  const client = new Redis(backend === 'cold' ? locale : standalone);
  return { client, primaries: () => [client], nodes: () => [client] };
}

function overCluster(): BackendServers {
  const client = new Cluster([...inject('redis').cluster]);
  return { client, primaries: () => client.nodes('master'), nodes: () => client.nodes('all') };
}

/** Removes every key of the services whose names begin so. */
export async function removeKeys(service: string): Promise<void> {
  await servers().client.ping();
  await Promise.all(
    servers()
      .primaries()
      .map((primary) => removeFrom(primary, `*:${service}[-:]*`)),
  );
}

async function removeFrom(primary: Redis, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await primary.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
    await Promise.all(keys.map((key) => primary.unlink(key)));
    cursor = next;
  } while (cursor !== '0');
}

/** The names of the connections that the services whose names begin so have open. */
export async function connectionsOf(service: string): Promise<string[]> {
  const lists = await Promise.all(
    servers()
      .nodes()
      .map(async (node) => String(await node.call('CLIENT', 'LIST'))),
  );
  const names = lists.join('').matchAll(/ name=(\S*)/g);
  return [...names].map(([, name = '']) => name).filter((name) => name.includes(`datapunk-cache:${service}`));
}
