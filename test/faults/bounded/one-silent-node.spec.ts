import { expect, it, onTestFinished } from 'vitest';
import { CacheConsistencyError, type LayerName } from '@datapunk/cache';
import { startCluster } from '../../support/redis/start-cluster.js';
import { Lag } from '../storm/lag.js';
import { pagesApp } from './pages-app.js';

const SERVICE = 'nodes';
const PATIENCE_MS = 100;
const GRACE_MS = 50;
/** What a call takes that waits for nobody, on a machine that may stop any process. */
const SOON_MS = 40;

const full = (key: string) => `app:${SERVICE}:${key}`;

/** A cluster that replaces nobody while a test lasts, an application that filled it, and one whose memory is empty. */
async function start() {
  const cluster = await startCluster({ primaries: 3, replicas: 1, nodeTimeoutMs: 60_000 });
  const redis = { nodes: cluster.nodes.map(({ host, port }) => ({ host, port })) };
  const [filler, reader] = await Promise.all([pagesApp(SERVICE, redis, {}), pagesApp(SERVICE, redis, {})]);
  const lag = new Lag();
  onTestFinished(async () => {
    lag.stop();
    for (const node of cluster.nodes) if (!node.awake) node.resume();
    await Promise.all([filler.app.close(), reader.app.close()]);
    await cluster.stop();
  });
  const { primary } = await cluster.nodesOf(full('page:0'));
  const keys: { silent: string[]; others: string[] } = { silent: [], others: [] };
  for (let page = 0; keys.silent.length < 12 || keys.others.length < 12; page += 1) {
    const key = `page:${page}`;
    keys[(await cluster.nodesOf(full(key))).primary === primary ? 'silent' : 'others'].push(key);
  }
  await Promise.all([...keys.silent, ...keys.others].map((key) => filler.cache.set(key, 'kept')));
  const timed = async (call: () => Promise<unknown>) => {
    const began = lag.now();
    const outcome = await call().catch((error: unknown) => error);
    return { outcome, ms: lag.now() - began };
  };
  return { primary, keys, timed, ...reader };
}

it('one silent node of a cluster costs the keys of the others nothing, and opens its breaker alone', async () => {
  const { primary, keys, timed, cache, events } = await start();
  const opened: string[] = [];
  const hits: LayerName[] = [];
  events.on('shared-breaker-opened', ({ node }) => opened.push(node));
  events.on('hit', ({ layer }) => hits.push(layer));
  // So that it is connected to every node, and has seen the strict place.
  await Promise.all([...keys.silent.slice(0, 2), ...keys.others.slice(0, 2)].map((key) => cache.get(key)));
  await cache.readThrough('page:strict', async () => 'strict', { level: 'strict' });
  hits.length = 0;

  await primary.pause();
  const read = (key: string) => timed(() => cache.readThrough(key, async () => 'loaded'));
  const [silent = [], others = []] = await Promise.all(
    [keys.silent.slice(2, 6), keys.others.slice(2, 6)].map((some) => Promise.all(some.map(read))),
  );
  expect(others.map(({ outcome }) => outcome)).toEqual(others.map(() => 'kept'));
  expect(others.filter(({ ms }) => ms > SOON_MS)).toEqual([]);
  expect(hits).toEqual(others.map(() => 'shared'));
  expect(silent.map(({ outcome }) => outcome)).toEqual(silent.map(() => 'loaded'));
  expect(silent.filter(({ ms }) => ms > PATIENCE_MS + GRACE_MS)).toEqual([]);

  for (const key of keys.silent.slice(6, 10)) await read(key);
  expect(opened).toEqual([primary.address]);
  const [key = '', other = ''] = [keys.silent[10], keys.others[10]];
  expect(await read(key)).toMatchObject({ outcome: 'loaded', ms: expect.toSatisfy((ms) => ms < SOON_MS) });
  expect(await read(other)).toMatchObject({ outcome: 'kept' });

  const strict = await timed(() => cache.readThrough(key, async () => 'loaded', { level: 'strict' }));
  expect(strict.outcome).toBeInstanceOf(CacheConsistencyError);
  expect(strict).toMatchObject({ outcome: { outcome: 'rejected' }, ms: expect.toSatisfy((ms) => ms < SOON_MS) });
  const saved: string[] = [];
  const write = await timed(() =>
    cache.writeThrough(key, 'new', async () => void saved.push(key), { level: 'strict' }),
  );
  expect([write.outcome, saved]).toMatchObject([{ code: 'CONSISTENCY', outcome: 'rejected' }, []]);
});
