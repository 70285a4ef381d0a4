import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisOption } from '@datapunk/cache';
import { proxiedCluster, proxiedServer } from '../kit/proxied.js';
import { blackHole } from '../kit/conditions.js';
import { Lag } from '../storm/lag.js';
import { CALLS, pagesApp, type PagesApp } from './pages-app.js';

const PATIENCE_MS = 100;
const GRACE_MS = 50;
/** What a call costs over its loader once a breaker is open. */
const REST_MS = 2;
/** Of so many calls the median counts: a busy machine stops a process at any time. */
const TIMES = 15;

/** Servers that fall silent and come back. */
interface Place {
  readonly redis: RedisOption;
  readonly stop: () => Promise<void>;
  readonly silences: Readonly<Record<string, Silence>>;
}

interface Silence {
  begin(): Promise<void> | void;
  end(): void;
}

async function standalone(): Promise<Place> {
  const { server, proxy, ...place } = await proxiedServer();
  return {
    redis: `redis://${proxy.address}`,
    stop: () => place.stop(),
    silences: {
      stopped: { begin: () => server.pause(), end: () => server.resume() },
      'black-holed': { begin: () => proxy.set(blackHole), end: () => proxy.clear() },
    },
  };
}

/** Nobody is replaced while a test lasts. */
async function cluster(): Promise<Place> {
  const {
    cluster: nodes,
    proxies,
    ...place
  } = await proxiedCluster({
    primaries: 3,
    replicas: 0,
    nodeTimeoutMs: 60_000,
    announce: true,
  });
  const each = nodes.nodes;
  return {
    redis: { nodes: place.nodes.map(({ host, port }) => ({ host, port })) },
    stop: () => place.stop(),
    silences: {
      stopped: {
        begin: async () => void (await Promise.all(each.map((node) => node.pause()))),
        end: () => {
          for (const node of each) node.resume();
        },
      },
      'black-holed': {
        begin: () => {
          for (const proxy of proxies) proxy.set(blackHole);
        },
        end: () => {
          for (const proxy of proxies) proxy.clear();
        },
      },
    },
  };
}

const PLACES = { standalone, cluster } as const;
const kinds = Object.keys(CALLS);
const idOf = (kind: string, time: number) => `${kind.replace('@', 'decorated-')}-${time}`;

describe.each(['standalone', 'cluster'] as const)('a Redis that is silent: %s', (name) => {
  let place: Place;
  /** As everybody has it, without a breaker, and without either. */
  let whole: PagesApp;
  let patient: PagesApp;
  let control: PagesApp;
  let lag: Lag;

  beforeAll(async () => {
    place = await PLACES[name]();
    [whole, patient, control] = await Promise.all([
      pagesApp('whole', place.redis, {}),
      pagesApp('patient', place.redis, { breaker: false }),
      pagesApp('control', place.redis, { patience: '1s', breaker: false }),
    ]);
    lag = new Lag();
  });
  afterAll(async () => {
    lag.stop();
    await Promise.all([whole, patient, control].map(({ app }) => app.close()));
    await place.stop();
  });

  /** Milliseconds of a call, less what the process itself was late. */
  const took = async (
    app: PagesApp,
    kind: string,
    time: number,
    failed = (): unknown => undefined,
  ): Promise<number> => {
    const began = lag.now();
    await CALLS[kind]?.(app, idOf(kind, time)).catch(failed);
    return lag.now() - began;
  };

  /** Until all of the application's connections are up, and Redis is asked, every call ends well. */
  const warm = async (app: PagesApp, time: number) => {
    for (const kind of kinds) await CALLS[kind]?.(app, idOf(kind, time));
  };

  describe.each(['stopped', 'black-holed'])('%s', (how) => {
    const recovered: string[] = [];
    beforeAll(async () => {
      for (const app of [whole, patient, control]) await warm(app, 0);
      whole.events.on('recovered', ({ key }) => recovered.push(key));
      await place.silences[how]?.begin();
    });

    it.sequential('no call takes longer than its patience, and only what needs Redis fails', async () => {
      const failed: string[] = [];
      const times = kinds.map(async (kind) => [kind, await took(patient, kind, 1, () => failed.push(kind))] as const);
      const slow = (await Promise.all(times)).filter(([, ms]) => ms > PATIENCE_MS + GRACE_MS);
      expect({ slow, failed: failed.toSorted() }).toEqual({ slow: [], failed: ['@CacheAside', 'cacheAside', 'set'] });
    });

    it.sequential('all take a second without (control)', async () => {
      expect(await took(control, 'readThrough', 1)).toBeGreaterThan(900);
    });

    it.sequential('and none waits at all once the breaker is open', async () => {
      // Keys of every node.
      for (let time = 0; time < 4; time += 1) {
        await Promise.all(kinds.map((kind) => took(whole, kind, 100 + time)));
      }
      for (const kind of kinds) {
        const all: number[] = [];
        for (let time = 1; time <= TIMES; time += 1) all.push(await took(whole, kind, time));
        expect([kind, all.toSorted((a, b) => a - b)[Math.floor(TIMES / 2)]]).toEqual([
          kind,
          expect.toSatisfy((ms) => ms <= REST_MS),
        ]);
      }
      // Without it they wait every time (control).
      expect(await took(patient, 'readThrough', 2)).toBeGreaterThan(PATIENCE_MS / 2);
    });

    it.sequential('and what is owed is made up for when it answers', async () => {
      expect(whole.cache.recovery().owed).toBeGreaterThan(0);
      place.silences[how]?.end();
      const owed = ['set', 'delete', 'expire', 'writeThrough', 'decorated-Evict'].map(
        (kind) => `app:whole:page:${kind}-1`,
      );
      await expect.poll(() => recovered, { timeout: 15_000 }).toEqual(expect.arrayContaining(owed));
      await expect.poll(() => whole.cache.recovery(), { timeout: 15_000 }).toMatchObject({ owed: 0, lost: 0 });
      await expect.poll(() => warm(whole, 0).then(() => 'well', String), { timeout: 15_000 }).toBe('well');
    });
  });
});
