import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CacheEvents, CacheService, type RedisOption } from '@datapunk/cache';
import { NoticeMemory } from '../../../libs/cache/src/core/coherence/notice-memory.js';
import { Resends } from '../../../libs/cache/src/core/coherence/resends.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { startSentinel } from '../../support/redis/sentinel.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually } from '../../support/redis/wait.js';
import { dump, laggingReplicas, outrun, replicated, restartFromDump } from '../kit/failovers.js';
import { Fleet } from '../storm/fleet.js';

const SERVICE = 'pair';
const KEYS = 20;

/** A Redis that is about to lose what it confirms. */
interface Losing {
  readonly redis: RedisOption;
  /** All of one server. */
  readonly keys: readonly string[];
  /** What the server confirms from now on is gone once it was lost. */
  readonly behind: () => Promise<{ readonly lose: () => Promise<unknown> }>;
  /** How long it takes at most until those who changed something notice, and have it made up for, ms. */
  readonly noticed: number;
}

/** A primary whose replica is behind and takes its place. */
async function losingPrimary(): Promise<Losing> {
  const cluster = await startCluster({ primaries: 3, replicas: 1, nodeTimeoutMs: 500 });
  onTestFinished(() => cluster.stop());
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  const behind = async () => {
    const { primary } = await cluster.nodesOf('{filler}');
    await replicated(primary, 1, '{filler}');
    return laggingReplicas(cluster, '{filler}');
  };
  // The slot table is read every 5 s at least.
  return { redis: { nodes }, keys: await keysOfOne(cluster), behind, noticed: 8_000 };
}

async function keysOfOne(cluster: RedisCluster): Promise<readonly string[]> {
  const { primary } = await cluster.nodesOf('{filler}');
  const keys: string[] = [];
  for (let at = 0; keys.length < KEYS; at += 1) {
    const key = `page:${at}`;
    if ((await cluster.nodesOf(`app:${SERVICE}:${key}`)).primary === primary) keys.push(key);
  }
  return keys;
}

/** A primary that comes back from its dump before anybody misses it. */
async function losingMemory(): Promise<Losing> {
  const cluster = await startCluster({ primaries: 3, replicas: 1, nodeTimeoutMs: 5_000 });
  onTestFinished(() => cluster.stop());
  const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }));
  const behind = async () => {
    const { primary, slot } = await cluster.nodesOf('{filler}');
    await dump(primary);
    return { lose: () => restartFromDump(cluster, slot, 'at once') };
  };
  return { redis: { nodes }, keys: await keysOfOne(cluster), behind, noticed: 4_000 };
}

/** A primary whose replica takes its place without what it was sent last, where sentinels see to it. */
async function losingGroup(): Promise<Losing> {
  const group = await startSentinel();
  onTestFinished(() => group.stop());
  const primary = await group.primary();
  const replicas = group.servers.filter((server) => server !== primary);
  const behind = async () => {
    await replicated(primary, 1, 'filler');
    await outrun(primary, replicas, 'filler');
    const lose = async () => {
      await primary.kill();
      for (const replica of replicas) replica.resume();
      await group.primaryOtherThan(primary);
    };
    return { lose };
  };
  const redis = { sentinels: group.sentinels.map(({ address }) => address), name: group.name };
  return { redis, keys: someKeys(), behind, noticed: 4_000 };
}

/** One server that comes back with what it had on disk. */
async function losingServer(): Promise<Losing> {
  const server = await startStandalone();
  onTestFinished(() => server.stop());
  const behind = async () => {
    await dump(server);
    const lose = async () => {
      await server.kill();
      await server.restart();
    };
    return { lose };
  };
  return { redis: `redis://${server.address}`, keys: someKeys(), behind, noticed: 4_000 };
}

const someKeys = () => Array.from({ length: KEYS }, (_, at) => `page:${at}`);

interface Process {
  readonly cache: CacheService;
  readonly events: CacheEvents;
}

async function start(redis: RedisOption): Promise<Process> {
  const fleet = await Fleet.start(1, redis, SERVICE);
  onTestFinished(() => fleet.stop());
  return { cache: fleet.get(0).get(CacheService), events: fleet.get(0).get(CacheEvents) };
}

/** What a process says of each key, once Redis answers it. The source says new. */
function answers({ cache, events }: Process, keys: readonly string[]): Promise<readonly string[]> {
  return eventually('Redis answers', async () => {
    let failed = 0;
    const forget = events.on('layer-failed', () => (failed += 1));
    const said = await Promise.all(keys.map((key) => cache.readThrough<unknown, string>(key, async () => 'new')));
    forget();
    return failed === 0 && said;
  });
}

type Change = (cache: CacheService, key: string) => Promise<unknown>;

const CHANGES: readonly Change[] = [
  (cache, key) => cache.delete(key),
  (cache, key) => cache.expire(key),
  (cache, key) => cache.set(key, 'new'),
  (cache, key) => cache.writeThrough(key, 'new', async () => undefined),
  (cache, key) => cache.writeThrough(key, 'new', () => Promise.reject(new Error('the save failed'))).catch(String),
];

/** One process has changed all keys, another has heard of it, and the server that confirmed it forgot. */
async function lost({ redis, keys, behind }: Losing) {
  const [writer, hearer] = [await start(redis), await start(redis)];
  await Promise.all(keys.map((key) => writer.cache.set(key, 'old')));
  expect(await answers(hearer, keys)).toEqual(keys.map(() => 'old'));
  const { lose } = await behind();
  const noted = vi.spyOn(NoticeMemory.prototype, 'note');
  await Promise.all(keys.map(async (key, at) => CHANGES[at % CHANGES.length]?.(writer.cache, key)));
  // Both remember what was told, and the writer what it did.
  const whoNoted = (key: string) =>
    new Set(noted.mock.contexts.filter((_, at) => noted.mock.calls[at]?.[0] === key)).size;
  await eventually('all have heard', () => keys.every((key) => whoNoted(key) === 3));
  noted.mockRestore();
  let resent = 0;
  writer.events.on('resent', (outcome) => (resent += outcome.lost));
  await lose();
  return { writer, hearer, resent: () => resent };
}

const all = (value: string) => Array.from({ length: KEYS }, () => value);

const PLACES: readonly (readonly [string, () => Promise<Losing>])[] = [
  ['a primary whose replica was behind', losingPrimary],
  ['a primary that came back from its dump', losingMemory],
  ['a primary of sentinels whose replica was behind', losingGroup],
  ['a server that came back from its dump', losingServer],
];

afterEach(() => void vi.restoreAllMocks());

describe.each(PLACES)('changes that are lost with %s', { timeout: 120_000 }, (_, losing) => {
  it('are not undone for those who heard of them', async () => {
    vi.spyOn(Resends.prototype, 'begin').mockReturnValue();
    const place = await losing();
    const { writer, hearer } = await lost(place);
    expect(await answers(hearer, place.keys)).toEqual(all('new'));
    expect(await answers(writer, place.keys)).toEqual(all('new'));
    // What they found is put right for all.
    expect(await answers(await start(place.redis), place.keys)).toEqual(all('new'));
  });

  it('are made again for those who did not', async () => {
    vi.spyOn(NoticeMemory.prototype, 'outdates').mockReturnValue(false);
    const place = await losing();
    const { resent } = await lost(place);
    const late = await start(place.redis);
    await answers(late, place.keys);
    const isRight = async () => (await answers(late, place.keys)).every((value) => value === 'new');
    await eventually('nothing old is left', isRight, place.noticed);
    expect(resent()).toBe(KEYS);
  });

  it('would come back without either (control)', async () => {
    vi.spyOn(NoticeMemory.prototype, 'outdates').mockReturnValue(false);
    vi.spyOn(Resends.prototype, 'begin').mockReturnValue();
    const place = await losing();
    const { hearer } = await lost(place);
    const late = await start(place.redis);
    expect(await answers(hearer, place.keys)).toEqual(all('old'));
    expect(await answers(late, place.keys)).toEqual(all('old'));
    await sleep(place.noticed);
    expect(await answers(hearer, place.keys)).toEqual(all('old'));
    expect(await answers(late, place.keys)).toEqual(all('old'));
  });
});
