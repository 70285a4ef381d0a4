import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CacheEvent, RedisOption } from '@datapunk/cache';
import { ForeignWrites } from '../../../libs/cache/src/core/cache/foreign-writes.js';
import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { compose, realWorld, type Composition } from '../../../libs/cache/src/nest/composition.js';
import { resolveOptions } from '../../../libs/cache/src/nest/options/resolve-options.js';
import { gate } from '../../support/gate.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import type { RedisServer } from '../../support/redis/server.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { eventually, pause } from '../../support/redis/wait.js';
import type { Arg } from '../../support/redis/wire.js';

let server: RedisServer;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([startStandalone(), startCluster({ primaries: 3, replicas: 1 })]);
});
afterAll(() => Promise.all([server.stop(), cluster.stop()]));

interface Place {
  readonly redis: () => Exclude<RedisOption, string>;
  /** Another program. */
  readonly outside: (key: string, ...command: Arg[]) => Promise<unknown>;
}

const nodesOf = (one: RedisCluster) => one.nodes.map(({ host, port }) => ({ host, port }));
const atCluster: Place['outside'] = async (key, ...command) => {
  const { primary } = await cluster.nodesOf(key);
  return primary.call(...command);
};
const PLACES: Readonly<Record<string, Place>> = {
  standalone: { redis: () => ({ url: server.address }), outside: (_, ...command) => server.call(...command) },
  'standalone, ioredis 5': {
    redis: () => ({ client: new Redis5({ host: server.host, port: server.port, lazyConnect: true }) }),
    outside: (_, ...command) => server.call(...command),
  },
  Cluster: { redis: () => ({ nodes: nodesOf(cluster) }), outside: atCluster },
  'Cluster, ioredis 5': {
    redis: () => ({ client: new Cluster5(nodesOf(cluster), { lazyConnect: true }) }),
    outside: atCluster,
  },
};

let counter = 0;

interface Fleet {
  readonly service: string;
  readonly all: readonly [Composition, Composition];
  /** Of the first process. */
  readonly told: CacheEvent[];
  /** What the source says, and how often it was asked. */
  readonly source: { row: string; asked: number };
  readonly fullKey: (key: string) => string;
  read(key: string, process?: number): Promise<unknown>;
  inMemory(key: string): unknown[];
}

/** Two processes of one service. */
async function fleet(redis: RedisOption, settings: object = {}): Promise<Fleet> {
  const service = `foreign-${process.pid}-${(counter += 1)}`;
  const told: CacheEvent[] = [];
  const start = (events: EventHub) =>
    compose(resolveOptions({ service, redis, staleness: false, ...settings }), realWorld(), events);
  const first = new EventHub();
  for (const type of ['bus-ready', 'bus-lost'] as const) first.on(type, (event) => told.push(event));
  const all = [await start(first), await start(new EventHub())] as const;
  onTestFinished(async () => {
    await Promise.all(all.map((one) => one.close()));
  });
  const source = { row: 'old', asked: 0 };
  const load = () => {
    source.asked += 1;
    return source.row;
  };
  return {
    service,
    all,
    told,
    source,
    fullKey: (key) => `app:${service}:${key}`,
    read: (key, at = 0) => (all[at] ?? all[0]).cache.readThrough(key, load),
    inMemory: (key) => all.map(({ cache }) => cache.parts.store.hot.peek(key)?.value),
  };
}

/** Every process answers from memory, and no look at it is due. */
function settled(one: Fleet, key: string): Promise<unknown> {
  return eventually('it is kept in the memory of both', async () => {
    await Promise.all([one.read(key, 0), one.read(key, 1)]);
    // What a command of ours brings on comes a moment later.
    await pause(20);
    return one.inMemory(key).every((value) => value === one.source.row);
  });
}

describe.each(Object.keys(PLACES))('another program that writes our keys, on Redis %s', (name) => {
  const place = PLACES[name] as Place;

  it.each([
    ['SET', (key: string): Arg[] => ['SET', key, 'what it likes']],
    ['DEL', (key: string): Arg[] => ['DEL', key]],
    [
      'LPUSH after a DEL',
      (key: string): Arg[] => ['EVAL', "redis.call('DEL', KEYS[1]) redis.call('LPUSH', KEYS[1], 'x')", 1, key],
    ],
    ['FLUSHALL', (): Arg[] => ['FLUSHALL']],
  ])('empties the memory of every process: %s', async (_, command) => {
    const one = await fleet({ ...place.redis(), tracking: true } as RedisOption);
    await settled(one, 'page:1');
    const before = one.source.asked;
    one.source.row = 'new';
    const key = one.fullKey('page:1');
    await place.outside(key, ...command(key));
    await eventually('nobody answers from memory', () => one.inMemory('page:1').every((value) => value === undefined));
    expect(await Promise.all([one.read('page:1', 0), one.read('page:1', 1)])).toEqual(['new', 'new']);
    expect(one.source.asked).toBe(before + 1);
    await settled(one, 'page:1');
    expect([one.inMemory('page:1'), one.source.asked]).toEqual([['new', 'new'], before + 1]);
  });

  it('is not noticed without tracking (control)', async () => {
    const one = await fleet(place.redis());
    await settled(one, 'page:1');
    one.source.row = 'new';
    const key = one.fullKey('page:1');
    await place.outside(key, 'DEL', key);
    await pause(300);
    expect([await one.read('page:1', 0), await one.read('page:1', 1)]).toEqual(['old', 'old']);
  });

  it('ends a load under way: who comes after does not join it, and it is not kept', async () => {
    const one = await fleet({ ...place.redis(), tracking: true } as RedisOption);
    const { cache } = one.all[0];
    const [looked, late] = [gate(), gate()];
    const early = cache.readThrough('page:1', async () => {
      looked.open();
      await late.promise;
      return 'old';
    });
    await looked.promise;
    const key = one.fullKey('page:1');
    await place.outside(key, 'DEL', key);
    await eventually('the load cannot be joined', () => cache.parts.flights.find('page:1') === undefined);
    one.source.row = 'new';
    expect(await one.read('page:1')).toBe('new');
    late.open();
    expect(await early).toBe('old');
    await settled(one, 'page:1');
    expect(one.inMemory('page:1')).toEqual(['new', 'new']);
  });

  it('is told from what this process does itself: its load goes on, and what it wrote stays in memory', async () => {
    const touched = vi.spyOn(ForeignWrites.prototype, 'touched');
    const one = await fleet({ ...place.redis(), tracking: true } as RedisOption);
    const { cache } = one.all[0];
    const [looked, late] = [gate(), gate()];
    const early = cache.readThrough('page:1', async () => {
      looked.open();
      await late.promise;
      return 'loaded';
    });
    await looked.promise;
    await eventually('our own claim came back', () => touched.mock.calls.length > 0);
    await pause(50);
    const joined = one.read('page:1');
    late.open();
    expect(await Promise.all([early, joined])).toEqual(['loaded', 'loaded']);
    await cache.set('page:1', 'written');
    await pause(50);
    touched.mockRestore();
    expect(cache.parts.store.hot.doubted('page:1')?.value).toBe('written');
    expect(await one.read('page:1')).toBe('written');
    expect([cache.parts.store.hot.peek('page:1')?.value, one.source.asked]).toEqual(['written', 0]);
  });
});

/** A key a round. By hand 10,000. */
const ROUNDS = Number(process.env.FOREIGN_ROUNDS ?? 500);

/** Rounds at a time. */
const TOGETHER = 50;

/** Another program changes the source and then the key, while both processes read it. The keys that stay wrong. */
async function staleKeys(one: Fleet, outside: Place['outside']): Promise<string[]> {
  const stale: string[] = [];
  const round = async (key: string): Promise<void> => {
    const source = { row: 'old' };
    const load = async () => {
      const seen = source.row;
      await pause(Math.random() * 3);
      return seen;
    };
    const read = (at: number) => one.all[at]?.cache.readThrough(key, load);
    await Promise.all([read(0), Math.random() < 0.5 && read(1)]);
    const reads = Array.from({ length: 8 }, (_, at) => pause(Math.random() * 6).then(() => read(at % 2)));
    await pause(Math.random() * 4);
    source.row = 'new';
    const full = one.fullKey(key);
    await (Math.random() < 0.5 ? outside(full, 'DEL', full) : outside(full, 'SET', full, 'what it likes'));
    await Promise.all(reads);
    const isRight = async () => (await Promise.all([read(0), read(1)])).every((value) => value === 'new');
    await eventually('it is right', isRight, 2_000).catch(() => stale.push(key));
  };
  for (let at = 0; at < ROUNDS; at += TOGETHER) {
    await Promise.all(Array.from({ length: TOGETHER }, (_, of) => round(`race:${at + of}`)));
  }
  return stale;
}

describe.each(['standalone', 'Cluster'])('a race with another program, on Redis %s', (name) => {
  const place = PLACES[name] as Place;

  it(`leaves no stale value in ${ROUNDS} rounds`, async () => {
    const one = await fleet({ ...place.redis(), tracking: true } as RedisOption, { protection: { operations: false } });
    expect(await staleKeys(one, place.outside)).toEqual([]);
  });
});

const TRACKING = /id=(\d+) [^\n]*name=datapunk-cache:([\w-]+):tracking /g;

/** The connections by which processes of a service hear of touched keys. */
async function trackers(of: RedisServer, service: string): Promise<string[]> {
  const list = String(await of.call('CLIENT', 'LIST'));
  return [...list.matchAll(TRACKING)].flatMap(([, id = '', name]) => (name === service ? [id] : []));
}

describe('the connection that hears of touched keys', () => {
  it('that is killed is taken anew, and what it missed is found', async () => {
    const one = await fleet({ url: server.address, tracking: true });
    await settled(one, 'page:1');
    expect(one.told).toEqual([{ type: 'bus-ready' }]);
    one.source.row = 'new';
    const killed = await trackers(server, one.service);
    expect(killed).toHaveLength(2);
    // In one step, so that nobody is there to be told.
    const wire = await server.open();
    await wire.call('MULTI');
    for (const id of killed) await wire.call('CLIENT', 'KILL', 'ID', id);
    await wire.call('DEL', one.fullKey('page:1'));
    await wire.call('EXEC');
    wire.close();
    await eventually('it hears again', () => one.told.length === 3);
    expect(one.told).toMatchObject([
      { type: 'bus-ready' },
      { type: 'bus-lost', reason: expect.stringMatching(/CLOSED/) },
      { type: 'bus-ready', blind: expect.any(Number) },
    ]);
    expect(await one.read('page:1')).toBe('new');
    expect(await trackers(server, one.service)).not.toEqual(killed);
    await settled(one, 'page:1');
    one.source.row = 'newest';
    await server.call('DEL', one.fullKey('page:1'));
    await eventually('it is told again', () => one.inMemory('page:1').every((value) => value === undefined));
  });

  it('is closed with the rest, on every primary', async () => {
    const one = await fleet({ nodes: nodesOf(cluster), tracking: true });
    const count = async () => {
      const primaries = await cluster.primaries();
      return (await Promise.all(primaries.map((node) => trackers(node, one.service)))).map(({ length }) => length);
    };
    expect(await count()).toEqual([2, 2, 2]);
    await Promise.all(one.all.map((process) => process.close()));
    await eventually('none is left', async () => (await count()).every((left) => left === 0));
  });

  it('counts among those that a process may have', async () => {
    const redis = { nodes: nodesOf(cluster), tracking: true };
    await expect(fleet(redis, { protection: { connections: 13 } })).rejects.toThrow(/takes up to 14 connections/);
    await expect(fleet({ nodes: nodesOf(cluster) }, { protection: { connections: 13 } })).resolves.toBeDefined();
  });
});

describe('a primary that is replaced', () => {
  it('is heard no more, and its successor is', async () => {
    const one = await fleet({ nodes: nodesOf(cluster), tracking: true });
    await settled(one, 'page:1');
    const key = one.fullKey('page:1');
    const { primary, slot } = await cluster.nodesOf(key);
    await primary.kill();
    const successor = await cluster.primaryOtherThan(primary, slot);
    expect(one.told.map(({ type }) => type)).toContain('bus-lost');
    await eventually('the first hears', () => one.told.at(-1)?.type === 'bus-ready', 20_000);
    await settled(one, 'page:1');
    one.source.row = 'new';
    await successor.call('SET', key, 'what it likes');
    await eventually('nobody answers from memory', () => one.inMemory('page:1').every((value) => value === undefined));
    expect([await one.read('page:1', 0), await one.read('page:1', 1)]).toEqual(['new', 'new']);
    await primary.restart();
  });
});
