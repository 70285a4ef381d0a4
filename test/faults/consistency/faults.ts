import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisCluster } from '../../support/redis/cluster.js';
import type { RedisServer } from '../../support/redis/server.js';
import { blackHole, halfOpen, latency, reset, slices, type Conditions } from '../kit/conditions.js';
import { laggingReplicas, zombiePrimary } from '../kit/failovers.js';
import type { Proxy } from '../kit/proxy.js';
import type { Random } from '../kit/seed.js';
import { clientKill, clientPause } from '../kit/servers.js';
import type { Worker } from './worker.js';

export interface Scene {
  readonly cluster: RedisCluster;
  /** Of each primary. */
  readonly replicas: number;
  readonly workers: readonly Worker[];
  /** Full keys of the workload: faults happen to those who have them. */
  readonly keys: readonly string[];
  /** Between one of the workers and this node. */
  readonly proxyOf: (node: RedisServer) => Proxy;
}

/** Resolves when it is over; what it has left behind may take longer. */
export type Fault = (scene: Scene, random: Random) => Promise<void>;

const pick = <T>(from: readonly T[], random: Random): T => {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
};

const between = (least: number, most: number, random: Random): number => Math.round(least + random() * (most - least));

/** Somebody who serves a key of the workload. */
const nodesOf = ({ cluster, keys }: Scene, random: Random) => cluster.nodesOf(pick(keys, random));

/** What happens on the way between one worker and one primary for a while. */
function onTheWay(conditionsOf: (random: Random) => Conditions): Fault {
  return async (scene, random) => {
    const { primary } = await nodesOf(scene, random);
    const proxy = scene.proxyOf(primary);
    proxy.set(conditionsOf(random));
    await sleep(between(500, 1_500, random));
    proxy.clear();
  };
}

/** It is replaced while one worker sees that it is gone and others wait for it; then it answers what waits. */
const zombie: Fault = async (scene, random) => {
  const { primary, slot } = await nodesOf(scene, random);
  const proxy = scene.proxyOf(primary);
  const { wake } = await zombiePrimary(scene.cluster, slot, () => proxy.set(reset()));
  await sleep(between(200, 800, random));
  wake();
  await sleep(between(100, 500, random));
  proxy.clear();
};

/** It comes back, empty, when another has its place. */
const killedPrimary: Fault = async ({ cluster, ...scene }, random) => {
  const { primary, slot } = await nodesOf({ cluster, ...scene }, random);
  await primary.kill();
  await cluster.primaryOtherThan(primary, slot);
  await sleep(between(0, 500, random));
  await primary.restart();
};

/** What the primary alone has is lost with it. */
const laggingReplica: Fault = async ({ cluster, keys }, random) => {
  const filler = `{${pick(keys, random)}}:filler`;
  const { primary, lose } = await laggingReplicas(cluster, filler);
  await sleep(between(300, 1_000, random));
  const successor = await lose();
  await successor.call('DEL', filler);
  await primary.restart();
};

/** A replica may find no majority that votes for it in time, and gives up. */
const failover: Fault = async (scene, random) => {
  const { primary } = await nodesOf(scene, random);
  await scene.cluster.failover(primary).catch(() => scene.cluster.failover(primary));
};

/** There and, after a while, back. */
const slotMoved: Fault = async (scene, random) => {
  const { slot, primary } = await nodesOf(scene, random);
  const others = (await scene.cluster.primaries()).filter((node) => node !== primary);
  await scene.cluster.migrateSlot(slot, pick(others, random));
  await sleep(between(50, 300, random));
  await scene.cluster.migrateSlot(slot, primary);
};

const killed = (type: 'normal' | 'pubsub'): Fault => {
  return async ({ cluster }) => {
    for (const node of cluster.nodes) await clientKill(node, type);
  };
};

const pausedWrites: Fault = async (scene, random) => {
  const { primary } = await nodesOf(scene, random);
  const ms = between(300, 1_200, random);
  await clientPause(primary, ms, 'WRITE');
  await sleep(ms);
};

const pausedReplica: Fault = async (scene, random) => {
  const { replicas } = await nodesOf(scene, random);
  const replica = pick(replicas, random);
  await replica.pause();
  await sleep(between(300, 1_500, random));
  replica.resume();
};

const stalledWorker: Fault = ({ workers }, random) => pick(workers, random).stall(between(1_000, 3_000, random));

/** In the midst of its writes; another comes in its place. */
const killedWorker: Fault = ({ workers }, random) => pick(workers, random).replace();

export const FAULTS = {
  'zombie primary': zombie,
  'killed primary': killedPrimary,
  'lagging replica, killed primary': laggingReplica,
  'CLUSTER FAILOVER': failover,
  'slot moved': slotMoved,
  'CLIENT KILL TYPE normal': killed('normal'),
  'CLIENT KILL TYPE pubsub': killed('pubsub'),
  'CLIENT PAUSE WRITE': pausedWrites,
  'paused replica': pausedReplica,
  'stalled worker': stalledWorker,
  'killed worker': killedWorker,
  partition: onTheWay(() => blackHole),
  'lost replies': onTheWay(() => halfOpen('toClient')),
  'cut replies': onTheWay((random) => reset(between(20, 4_000, random))),
  'slow link': onTheWay((random) => ({ ...latency(between(5, 60, random), 30), ...slices(200) })),
} as const satisfies Readonly<Record<string, Fault>>;

export type Kind = keyof typeof FAULTS;
export const KINDS = Object.keys(FAULTS) as readonly Kind[];
