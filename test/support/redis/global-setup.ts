import type { TestProject } from 'vitest/node';
import type { RedisAddresses } from './addresses.js';
import type { RedisServer } from './server.js';
import { startSentinel } from './sentinel.js';
import { startStandalone } from './standalone.js';
import { startCluster } from './start-cluster.js';

interface Started {
  readonly addresses: RedisAddresses;
  stop(): Promise<void>;
}

interface Shared {
  users: number;
  started: Promise<Started> | undefined;
}

declare global {
  var datapunkRedis: Shared | undefined;
}

/** Vitest loads this file once for every project that names it; the servers are one set for all of them. */
const shared = (globalThis.datapunkRedis ??= { users: 0, started: undefined });

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users += 1;
  shared.started ??= start();
  project.provide('redis', (await shared.started).addresses);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    const started = shared.started;
    shared.started = undefined;
    await (await started)?.stop();
  };
}

async function start(): Promise<Started> {
  const began = performance.now();
  const [standalone, locale, sentinel, cluster] = await Promise.all([
    startStandalone(),
    startStandalone({ locale: true }),
    startSentinel(),
    startCluster(),
  ]);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(
    `Redis: standalone, en_US.UTF-8, Sentinel and a cluster of ${cluster.nodes.length}, ready in ${seconds} s`,
  );
  const topologies = [standalone, locale, sentinel, cluster];
  return {
    addresses: {
      standalone: `redis://${standalone.address}`,
      locale: `redis://${locale.address}`,
      sentinel: { name: sentinel.name, sentinels: sentinel.sentinels.map(address) },
      cluster: cluster.nodes.map(address),
    },
    stop: async () => {
      await Promise.all(topologies.map((topology) => topology.stop()));
    },
  };
}

function address({ host, port }: RedisServer): { host: string; port: number } {
  return { host, port };
}
