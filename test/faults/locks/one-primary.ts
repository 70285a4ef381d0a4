import { onTestFinished } from 'vitest';
import type { Durability, LockAnswer } from '../../../libs/cache/src/core/locks/lock-engine.js';
import { lockKey } from '../../../libs/cache/src/drivers/redis/locks/lock-key.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import { ServerClock } from '../../../libs/cache/src/drivers/redis/server-clock.js';
import { coordinate, SERVICE } from '../../integration/redis/support.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import type { RedisServer } from '../../support/redis/server.js';
import { slotOf } from '../../support/redis/slots.js';
import { startCluster } from '../../support/redis/start-cluster.js';

/** Locks in a round. */
export const LOCKS = 100;

/** Rounds of each fault: a short profile by default, `LOCK_ROUNDS=20` the long one. */
export const ROUNDS = Number(process.env.LOCK_ROUNDS ?? 1);

/** A cluster of which one primary is going to be struck, and the names whose locks that primary has. */
export interface OnePrimary {
  readonly cluster: RedisCluster;
  readonly primary: RedisServer;
  readonly names: readonly string[];
  /** A slot of that primary. */
  readonly slot: number;
  /** A key of that slot for whoever needs one. */
  readonly filler: string;
}

export async function onePrimary(replicas: number): Promise<OnePrimary> {
  // Quick to replace a primary, so that it happens before clients look for who has its slots.
  const cluster = await startCluster({ primaries: 3, replicas, nodeTimeoutMs: 500 });
  onTestFinished(() => cluster.stop());
  const slot = slotOf('{filler}');
  const { primary } = await cluster.nodesOfSlot(slot);
  const names: string[] = [];
  for (let at = 0; names.length < LOCKS; at += 1) {
    const name = `job-${at}`;
    const owner = await cluster.nodesOf(lockKey(SERVICE, name));
    if (owner.primary === primary) names.push(name);
  }
  return { cluster, primary, names, slot, filler: '{filler}' };
}

interface ProcessOptions {
  readonly replicas?: number | undefined;
  /** Its commands may come as late as they like: no deadline keeps them from being carried out. */
  readonly isPatient?: boolean;
}

class Patient extends ServerClock {
  override now(): number {
    return super.now() + 60_000;
  }
}

/** The locks of a process of its own, whose connections are open. */
export async function lockProcess(
  { cluster, names }: OnePrimary,
  { replicas, isPatient = false }: ProcessOptions = {},
): Promise<RedisLockEngine> {
  const redis = { nodes: cluster.nodes.filter(({ awake }) => awake).map(({ host, port }) => ({ host, port })) };
  const engine = new RedisLockEngine(await coordinate(redis, isPatient ? (local) => new Patient(local) : undefined), {
    replicas,
  });
  onTestFinished(() => engine.close());
  await Promise.allSettled(names.slice(0, 1).map((name) => engine.extend(held(name, 'nobody', 'replicated'))));
  await Promise.allSettled(names.slice(0, 1).map((name) => engine.extend(held(name, 'nobody', 'local'))));
  return engine;
}

export const TTL = 60_000;

export function held(name: string, owner: string, durability: Durability) {
  return { name, owner, ttl: TTL, durability };
}

/** What a process gets that asks for all the names: an answer, or nothing where it was refused. */
export async function claims(
  engine: RedisLockEngine,
  names: readonly string[],
  ask: { readonly owner: string; readonly durability: Durability; readonly ttl?: number },
): Promise<(LockAnswer | undefined)[]> {
  const { owner, durability, ttl = TTL } = ask;
  const more = { ttl, durability, whenUndurable: 'refuse', tokens: 1_000, above: 0n, queue: false } as const;
  const asked = names.map((name) => engine.claim({ name, owner: `${owner}-${name}`, ...more }));
  const answers = await Promise.allSettled(asked);
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
}

/** How many of the names were granted to both. */
export function both(first: readonly (LockAnswer | undefined)[], second: readonly (LockAnswer | undefined)[]): number {
  return first.filter((answer, at) => answer?.kind === 'granted' && second[at]?.kind === 'granted').length;
}

export function granted(answers: readonly (LockAnswer | undefined)[]): number {
  return answers.filter((answer) => answer?.kind === 'granted').length;
}
