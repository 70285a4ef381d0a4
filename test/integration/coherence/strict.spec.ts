import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CacheConsistencyError, RedisOption } from '@datapunk/cache';
import type { Cache } from '../../../libs/cache/src/core/cache/cache.js';
import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { compose, realWorld } from '../../../libs/cache/src/nest/composition.js';
import { resolveOptions } from '../../../libs/cache/src/nest/options/resolve-options.js';
import { gate } from '../../support/gate.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { eventually } from '../../support/redis/wait.js';

const STRICT = { level: 'strict' } as const;

interface Place {
  readonly redis: () => RedisOption;
  /** The replica that has to confirm what happens to the key. */
  readonly replica: (key: string) => Promise<{ pause(): unknown; resume(): unknown }>;
}

let primary: Standalone;
let replica: Standalone;
let cluster: RedisCluster;
beforeAll(async () => {
  [primary, replica, cluster] = await Promise.all([
    startStandalone(),
    startStandalone(),
    startCluster({ primaries: 3, replicas: 1 }),
  ]);
  await replica.call('REPLICAOF', primary.host, primary.port);
  await eventually('the replica follows', async () => {
    await primary.call('SET', 'follows', 1);
    return (await primary.call('WAIT', 1, 100)) === 1;
  });
});
afterAll(() => Promise.all([primary.stop(), replica.stop(), cluster.stop()]));

const PLACES: Readonly<Record<string, Place>> = {
  'a server with a replica': { redis: () => `redis://${primary.address}`, replica: async () => replica },
  Cluster: {
    redis: () => ({ nodes: cluster.nodes.map(({ host, port }) => ({ host, port })) }),
    replica: async (key) => {
      const [one] = (await cluster.nodesOf(key)).replicas;
      if (one === undefined) throw new Error('the slot has no replica');
      return one;
    },
  },
};

let count = 0;

/** Two processes of one service, a key of it, and the source of its value. */
async function start(place: Place) {
  count += 1;
  const service = `strict${count}`;
  const options = resolveOptions({
    service,
    redis: place.redis(),
    protection: { operations: false },
    staleness: false,
  });
  const all = await Promise.all([1, 2].map(() => compose(options, realWorld(), new EventHub())));
  onTestFinished(async () => {
    for (const one of all) {
      await one.stop();
      await one.close();
    }
  });
  const source = { row: 'old', asked: 0 };
  const load = async () => {
    source.asked += 1;
    return source.row;
  };
  const [here, there] = all.map(({ cache }) => cache) as [Cache, Cache];
  const read = (cache: Cache, key = 'town:1') => cache.readThrough(key, load, STRICT);
  const write = (cache: Cache, row: string) => cache.writeThrough('town:1', row, () => void (source.row = row), STRICT);
  const silent = await place.replica(`app:${service}:town:1`);
  const pause = async () => {
    await silent.pause();
    onTestFinished(() => void silent.resume());
  };
  // Connections are opened by the first call.
  for (const cache of [here, there]) await eventually('it reads', () => settled(read(cache)));
  source.asked = 0;
  return { here, there, source, load, read, write, pause, resume: () => silent.resume() };
}

const settled = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (reason: unknown) => reason as CacheConsistencyError,
  );

/** What the boot asks of the servers. */
const check = (cache: Cache) => cache.parts.fleet?.strict.check();

describe("what level 'strict' asks of a server", () => {
  it('is a replica of every primary', async () => {
    const { here } = await start(PLACES.Cluster as Place);
    await expect(check(here)).resolves.toBeUndefined();
    const alone = await startStandalone();
    onTestFinished(() => alone.stop());
    const options = resolveOptions({ service: 'alone', redis: `redis://${alone.address}` });
    const one = await compose(options, realWorld(), new EventHub());
    onTestFinished(() => one.close());
    await expect(check(one.cache)).rejects.toThrow(
      `level 'strict': the server ${alone.address} has no replica, so nobody could confirm what it says. Add a replica, or use level 'eventual'.`,
    );
    // A call that asks for it all the same.
    expect(await reasonOf(one.cache.readThrough('town:1', () => 'row', STRICT))).toMatchObject({
      code: 'CONSISTENCY',
      outcome: 'rejected',
    });
  });

  it.each(['allkeys-lru', 'volatile-ttl', 'volatile-random'])('is not the eviction policy %s', async (policy) => {
    const { here } = await start(PLACES['a server with a replica'] as Place);
    onTestFinished(
      async () => void (await primary.call('CONFIG', 'SET', 'maxmemory', 0, 'maxmemory-policy', 'noeviction')),
    );
    await primary.call('CONFIG', 'SET', 'maxmemory', '1gb', 'maxmemory-policy', policy);
    await expect(check(here)).rejects.toThrow(`the maxmemory-policy of ${primary.address} is '${policy}'`);
    await primary.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    await expect(check(here)).resolves.toBeUndefined();
  });

  it('is the right to ask its replicas', async () => {
    await primary.call('ACL', 'SETUSER', 'mute', 'on', 'nopass', '~*', '&*', '+@all', '-wait');
    const options = resolveOptions({
      service: 'mute',
      redis: { url: `redis://${primary.address}`, username: 'mute', password: 'any', required: false },
    });
    await expect(compose(options, realWorld(), new EventHub())).rejects.toThrow("the user 'mute' lacks +wait");
  });
});

describe.each(Object.keys(PLACES))("level 'strict' on %s", (name) => {
  const boot = () => start(PLACES[name] as Place);

  it('answers from Redis once it is filled, and shows every process what another has written', async () => {
    const { here, there, source, read, write } = await boot();
    expect(await read(here)).toBe('old');
    expect(source.asked).toBe(0);
    for (let round = 0; round < 20; round += 1) {
      await write(round % 2 === 0 ? here : there, `row ${round}`);
      expect(await Promise.all([read(here), read(there)])).toEqual([`row ${round}`, `row ${round}`]);
    }
    expect(source.asked).toBe(0);
  });

  it('has one process load for all, once for all callers', async () => {
    const { here, there, source, load } = await boot();
    const open = gate();
    const slow = async () => {
      const row = load();
      await open.promise;
      return row;
    };
    const callers = [here, there].flatMap((cache) =>
      Array.from({ length: 100 }, () => cache.readThrough('town:2', slow, STRICT)),
    );
    await eventually('somebody loads', () => source.asked === 1);
    open.open();
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['old']));
    expect(source.asked).toBe(1);
  });

  it('never answers with what was asked for before the call', async () => {
    const { here, there, source, read, write } = await boot();
    await here.delete(['town:1']);
    const open = gate();
    const loading = gate();
    const early = here.readThrough(
      'town:1',
      async () => {
        const { row } = source;
        loading.open();
        await open.promise;
        return row;
      },
      STRICT,
    );
    await loading.promise;
    await write(there, 'new');
    const late = [read(here), read(there)] as const;
    // In the other process nobody waits for the load that the write has voided.
    expect(await late[1]).toBe('new');
    open.open();
    expect(await Promise.all(late)).toEqual(['new', 'new']);
    expect(await early).toBe('old');
    expect(await Promise.all([read(here), read(there)])).toEqual(['new', 'new']);
  });

  it('rejects reads and writes that the replica does not confirm, and does not save', async () => {
    const { here, source, read, write, pause, resume } = await boot();
    await pause();
    // By itself: what travels with a write is not confirmed because that is not.
    const unread = await reasonOf(read(here));
    const unwritten = await reasonOf(write(here, 'lost'));
    expect(unread).toMatchObject({ code: 'CONSISTENCY', outcome: 'rejected', layer: 'shared' });
    expect(unread?.message).toContain('0 of 1 replicas confirmed it in time');
    expect(unwritten).toMatchObject({ code: 'CONSISTENCY', outcome: 'rejected' });
    expect(source).toEqual({ row: 'old', asked: 0 });
    resume();
    await eventually('it writes again', () => settled(write(here, 'new')));
    expect(await read(here)).toBe('new');
    // What was begun in vain does not keep others from keeping what they load.
    await eventually('it is kept again', async () => {
      const before = source.asked;
      await read(here);
      return source.asked === before;
    });
  });

  it('says that it does not know where the end of a write was not confirmed, and never serves what was before', async () => {
    const { here, there, source, read, pause, resume } = await boot();
    const save = async () => {
      source.row = 'new';
      await pause();
    };
    const reason = await reasonOf(here.writeThrough('town:1', 'new', save, STRICT));
    expect(reason).toMatchObject({ code: 'CONSISTENCY', outcome: 'unknown' });
    resume();
    await eventually('it reads again', () => settled(read(there)));
    expect(await Promise.all([read(here), read(there)])).toEqual(['new', 'new']);
  });

  it('evicts around a change that all know of before it is made, all keys or none', async () => {
    const { here, there, source, read, pause, resume } = await boot();
    const change = async () => {
      source.row = 'changed';
      return 'done';
    };
    expect(await here.evict(['town:1', 'town:2'], change, 'strict')).toBe('done');
    expect(await Promise.all([read(here), read(there)])).toEqual(['changed', 'changed']);
    await pause();
    source.row = 'untouched';
    const reason = await reasonOf(here.evict(['town:2', 'town:1'], change, 'strict'));
    expect(reason).toMatchObject({ code: 'CONSISTENCY', outcome: 'rejected' });
    expect(source.row).toBe('untouched');
    resume();
    const late = async () => {
      source.row = 'late';
      await pause();
    };
    await eventually('it evicts again', () => settled(here.evict(['town:1'], change, 'strict')));
    expect(await reasonOf(here.evict(['town:1'], late, 'strict'))).toMatchObject({ outcome: 'unknown' });
    resume();
    await eventually('it reads again', () => settled(read(there)));
    expect(await Promise.all([read(here), read(there)])).toEqual(['late', 'late']);
  });

  it('passes on what a save throws, and leaves nothing of it', async () => {
    const { here, there, source, read } = await boot();
    const failed = new Error('no such table');
    const save = () => {
      source.row = 'half';
      throw failed;
    };
    expect(await reasonOf(here.writeThrough('town:1', 'x', save, STRICT))).toBe(failed);
    expect(await Promise.all([read(here), read(there)])).toEqual(['half', 'half']);
  });

  it('sets, deletes and expires for all to see, where a method is strict about the key', async () => {
    const { here, there, source, read, pause } = await boot();
    for (const { parts } of [here, there]) parts.rules.demandStrict(parts.keys.template('town:{0}'));
    await here.set('town:1', 'set', STRICT);
    expect(await read(there)).toBe('set');
    source.row = 'newer';
    await here.delete(['town:1']);
    expect(await read(there)).toBe('newer');
    source.row = 'newest';
    await there.expire(['town:1']);
    expect(await read(here)).toBe('newest');
    await expect(here.set('town:1', 'x', { level: 'eventual' })).rejects.toThrow(
      "is written under level 'eventual', but a method of this application promises 'strict' for it",
    );
    await pause();
    const changes = [here.set('town:1', 'x'), here.delete(['town:1']), here.expire(['town:1'])];
    for (const reason of await Promise.all(changes.map(reasonOf))) {
      expect(reason).toMatchObject({ code: 'CONSISTENCY', outcome: 'unknown' });
    }
  });
});
