import { setTimeout as sleep } from 'node:timers/promises';
import { blackHole, halfOpen, latency, slices } from '../kit/conditions.js';
import type { ProxiedCluster, ProxiedServer } from '../kit/proxied.js';
import type { Proxy } from '../kit/proxy.js';
import { clientKill, clientPause, scriptFlush } from '../kit/servers.js';
import type { RedisServer } from '../../support/redis/server.js';
import { eventually } from '../../support/redis/wait.js';

/** Something that happens to Redis, and passes. */
export interface Fault {
  readonly name: string;
  /** Resolves when all is well again. */
  readonly strike: (ms: number) => Promise<void>;
}

/** What can happen to any server, seen through its proxy. */
function faultsOf(server: () => Promise<RedisServer>, proxy: () => Promise<Proxy>): Fault[] {
  const through = (name: string, conditions: Parameters<Proxy['set']>[0]): Fault => ({
    name,
    strike: async (ms) => {
      const one = await proxy();
      one.set(conditions);
      await sleep(ms);
      one.clear();
    },
  });
  return [
    {
      name: 'SIGSTOP',
      strike: async (ms) => {
        const one = await server();
        await one.pause();
        await sleep(ms);
        one.resume();
      },
    },
    through('black hole', blackHole),
    through('lost requests', halfOpen('toServer')),
    through('lost replies', halfOpen('toClient')),
    through('slow fragments', { ...latency(20, 30), ...slices(7) }),
    { name: 'reset', strike: async () => (await proxy()).reset() },
    { name: 'SCRIPT FLUSH', strike: async () => scriptFlush(await server()) },
    { name: 'CLIENT PAUSE', strike: async (ms) => pause(await server(), ms, 'ALL') },
    { name: 'CLIENT PAUSE of writes', strike: async (ms) => pause(await server(), ms, 'WRITE') },
    { name: 'CLIENT KILL', strike: async () => void (await clientKill(await server())) },
    { name: 'CLIENT KILL of subscribers', strike: async () => void (await clientKill(await server(), 'pubsub')) },
  ];
}

async function pause(server: RedisServer, ms: number, which: 'ALL' | 'WRITE'): Promise<void> {
  await clientPause(server, ms, which);
  await sleep(ms);
}

/** What can happen to one server. */
export function standaloneFaults({ server, proxy }: ProxiedServer): Fault[] {
  return [
    ...faultsOf(
      async () => server,
      async () => proxy,
    ),
    {
      name: 'SIGKILL and restart',
      strike: async (ms) => {
        await server.kill();
        await sleep(ms);
        await server.restart();
      },
    },
  ];
}

/** What can happen to a cluster: to one of its primaries, or to who serves what. */
export function clusterFaults(proxied: ProxiedCluster, slots: readonly number[]): Fault[] {
  const { cluster } = proxied;
  let turn = 0;
  const primary = async () => {
    const all = await eventually('the cluster works', () => cluster.primaries().catch(() => undefined));
    return all[turn++ % all.length] as RedisServer;
  };
  return [
    ...faultsOf(primary, async () => proxied.proxyOf(await primary())),
    {
      name: 'SIGKILL, failover and restart',
      strike: async () => {
        const one = await primary();
        const [slot = 0] = await ownedBy(one);
        await one.kill();
        await cluster.primaryOtherThan(one, slot);
        await one.restart();
        await followed();
      },
    },
    {
      name: 'CLUSTER FAILOVER',
      strike: async () => {
        await cluster.failover(await primary());
        await followed();
      },
    },
    {
      name: 'slots moved',
      strike: async () => {
        const to = await primary();
        for (const slot of slots.slice(0, 8)) {
          if ((await cluster.nodesOfSlot(slot)).primary !== to) await cluster.migrateSlot(slot, to);
        }
      },
    },
  ];

  async function ownedBy(node: RedisServer): Promise<number[]> {
    const owned: number[] = [];
    for (const slot of [0, 6_000, 12_000, ...slots]) {
      if ((await cluster.nodesOfSlot(slot)).primary === node) owned.push(slot);
    }
    return owned;
  }

  /** The next failover needs a replica behind each primary. */
  async function followed(): Promise<void> {
    await eventually('every primary has its replica', async () => {
      const primaries = await cluster.primaries();
      const infos = await Promise.all(primaries.map((node) => node.call('INFO', 'replication')));
      return infos.every((info) => /state=online/.test(String(info)));
    });
  }
}
