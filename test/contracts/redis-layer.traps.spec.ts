import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealEntry } from '../../libs/cache/src/core/entry/envelope.js';
import { CacheError } from '../../libs/cache/src/core/errors.js';
import type { Layer } from '../../libs/cache/src/core/layers/layer.js';
import type { RedisLike } from '../../libs/cache/src/drivers/redis/redis-client.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { clientKill, scriptFlush } from '../faults/kit/servers.js';
import { entryOf } from '../support/core.js';
import type { RedisCluster } from '../support/redis/cluster.js';
import type { RedisServer } from '../support/redis/server.js';
import { slotOf } from '../support/redis/slots.js';
import { startCluster } from '../support/redis/start-cluster.js';
import { startStandalone, type Standalone } from '../support/redis/standalone.js';
import { eventually, pause } from '../support/redis/wait.js';
import { clock, codecs, layerOn } from './redis-layer.place.js';

/** What goes wrong between a client and its servers; each has to end in an answer that belongs to its key, or an error. */
let server: Standalone;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([startStandalone(), startCluster()]);
});
afterAll(() => Promise.all([server.stop(), cluster.stop()]));

const nodes = () => cluster.nodes.map(({ address }) => address);
const fresh = (value: unknown, assigned = Math.floor(clock.now() * 1_000)) => {
  const until = clock.now() + 600_000;
  const version = { source: undefined, assigned };
  return entryOf(value, Math.floor(clock.now()), { freshUntil: until, staleUntil: until, version });
};
const valueOf = async (layer: Layer, key: string) => {
  const found = await layer.read(key);
  return found?.kind === 'value' ? found.value : found;
};

/** Reads and stores all keys again and again, 64 at once, until told to stop. Every value is its own key. */
function load(layer: Layer, keys: readonly string[]) {
  let isOver = false;
  const seen = { answers: 0, errors: 0, wrong: [] as unknown[], strange: [] as unknown[] };
  const one = async (key: string) => {
    try {
      const value = await valueOf(layer, key);
      if (value !== undefined && value !== key) seen.wrong.push([key, value]);
      await layer.store(key, fresh(key), 'load');
      seen.answers += 1;
    } catch (error) {
      if (!(error instanceof CacheError) || error.key !== key) seen.strange.push(error);
      seen.errors += 1;
      await pause(1);
    }
  };
  const caller = async (first: number) => {
    for (let at = first; !isOver; at += 64) await one(keys[at % keys.length] ?? '');
  };
  const done = Promise.all(Array.from({ length: 64 }, (_, at) => caller(at)));
  return {
    seen,
    stop: async () => {
      isOver = true;
      await done;
      expect([seen.wrong, seen.strange]).toEqual([[], []]);
      expect(seen.answers).toBeGreaterThan(500);
      return seen;
    },
  };
}

const many = (name: string) => Array.from({ length: 500 }, (_, at) => `app:contract:${name}:${at}`);

const CLIENTS: readonly (readonly [string, () => RedisOption])[] = [
  ['one server', () => ({ url: `redis://${server.address}` })],
  ['one server by ioredis 5', () => ({ client: theirs(new Redis5(server.port, server.host)) })],
  ['a cluster', () => ({ nodes: nodes() })],
  ['a cluster by ioredis 5', () => ({ client: theirs(new Cluster5([...nodes()])) })],
];

const clients: RedisLike[] = [];
function theirs(client: RedisLike): RedisLike {
  clients.push(client);
  client.on('error', () => undefined);
  return client;
}
afterAll(() => Promise.all(clients.map((client) => client.quit().catch(() => undefined))));

describe.each(CLIENTS)('%s', (name, redis) => {
  const servers = async (): Promise<readonly RedisServer[]> =>
    name.includes('cluster') ? cluster.primaries() : [server];

  it('gives every key its own answer while connections break under load', async () => {
    const { layer, connections } = await layerOn(redis());
    const { stop, seen } = load(layer, many('broken'));
    for (let times = 0; times < 8; times += 1) {
      await pause(50);
      for (const one of await servers()) await clientKill(one);
      await eventually('it is back', () => connections.isReady());
      const before = seen.answers;
      await eventually('it answers', () => seen.answers > before + 64);
    }
    expect((await stop()).errors).toBeGreaterThan(0);
  });

  it('goes on where servers forget their scripts under load', async () => {
    const { layer } = await layerOn(redis());
    const { stop } = load(layer, many('forgotten'));
    for (let times = 0; times < 10; times += 1) {
      await pause(20);
      for (const one of await servers()) await scriptFlush(one);
    }
    expect((await stop()).errors).toBe(0);
  });

  it('takes what is no string for nothing, and puts an entry in its place', async () => {
    const { layer, connections } = await layerOn(redis());
    const [list, text, far] = ['list', 'text', 'far'].map(
      (what) => `app:contract:${what}:${name.replaceAll(' ', '-')}`,
    );
    if (list === undefined || text === undefined || far === undefined) expect.fail();
    await connections.data.call('RPUSH', list, 'x');
    await connections.data.call('SET', text, 'text of somebody else');
    const endless = sealEntry(fresh('x', Number.MAX_SAFE_INTEGER), { key: far, codecs });
    await connections.data.call('SET', far, Buffer.from(endless));
    expect(await Promise.all([list, text].map(async (key) => layer.read(key)))).toEqual([undefined, undefined]);
    for (const key of [list, text, far]) {
      expect(await layer.store(key, fresh(key), 'load')).toBe('stored');
      expect(await valueOf(layer, key)).toBe(key);
    }
    await connections.data.call('DEL', list);
    await connections.data.call('RPUSH', list, 'x');
    await layer.remove(list);
    expect((await layer.read(list))?.kind).toBe('tombstone');
  });

  it('does not carry out what a stopped server read too late', async () => {
    const { layer } = await layerOn(redis());
    const key = `app:contract:late:${name.replaceAll(' ', '-')}`;
    await layer.store(key, fresh('kept'), 'write');
    const owner = name.includes('cluster') ? (await cluster.nodesOf(key)).primary : server;
    // Behind a script that runs for longer than a command may live, which no other node replaces a primary for.
    const busy = owner.call('EVAL', BUSY, 0);
    await pause(50);
    const outcomes = await Promise.allSettled([
      layer.store(key, fresh('late'), 'write'),
      layer.remove(key),
      layer.expire(key),
      layer.read(key),
    ]);
    expect(outcomes.map((one) => one.status === 'rejected' && (one.reason as CacheError).code)).toEqual(
      Array.from({ length: 4 }, () => 'TIMEOUT'),
    );
    await busy;
    await eventually('it answers', async () => (await layer.read(key)) !== undefined);
    expect(await layer.read(key)).toMatchObject({ kind: 'value', value: 'kept' });
  });
});

/** Keeps a server busy for 1.4 seconds. */
const BUSY = `local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
local till = now() + 1400
while now() < till do end`;

describe('a slot on its way to another node', () => {
  it('loses and confuses nothing under load', async () => {
    const { layer } = await layerOn({ nodes: nodes() });
    const slot = slotOf('app:contract:moving:0');
    const keys = Array.from({ length: 200_000 }, (_, at) => `app:contract:moving:${at}`).filter(
      (key) => slotOf(key) === slot,
    );
    const others = many('staying');
    await Promise.all([...keys, ...others].map(async (key) => layer.store(key, fresh(key), 'write')));
    const { stop } = load(layer, [...keys, ...others, ...keys, ...keys]);
    const from = (await cluster.nodesOfSlot(slot)).primary;
    const to = (await cluster.primaries()).find((one) => one !== from) ?? expect.fail();
    await pause(50);
    const migration = await cluster.beginMigration(slot, to);
    await pause(50);
    for (let moved = 1; moved > 0;) {
      moved = await migration.moveKeys(2);
      await pause(10);
    }
    await migration.finish();
    await pause(50);
    expect((await stop()).errors).toBe(0);
    expect(await Promise.all(keys.map((key) => valueOf(layer, key)))).toEqual(keys);
  });
});
