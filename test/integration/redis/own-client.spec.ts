import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisLike } from '../../../libs/cache/src/drivers/redis/redis-client.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { startSentinel, type SentinelGroup } from '../../support/redis/sentinel.js';
import { eventually } from '../../support/redis/wait.js';
import { BUS, connect, failure } from './support.js';

let server: Standalone;
let cluster: RedisCluster;
let group: SentinelGroup;
beforeAll(async () => {
  [server, cluster, group] = await Promise.all([
    startStandalone({ password: 'hush' }),
    startCluster({ primaries: 3, replicas: 0 }),
    startSentinel(),
  ]);
});
afterAll(async () => {
  await Promise.all([server.stop(), cluster.stop(), group.stop()]);
});

interface Client extends RedisLike {
  readonly status: string;
  ping(): Promise<string>;
  disconnect(): void;
}
const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});
type Options = Readonly<Record<string, unknown>>;
/** What a user who knows what they do would write; the types of the two versions fit no common call. */
function own(Client: unknown, ...args: unknown[]): Client {
  const client: Client = Reflect.construct(Client as new () => Client, args);
  clients.push(client);
  return client;
}

/** Settings that would harm us if they came through. */
const HARMFUL = {
  lazyConnect: true,
  enableAutoPipelining: true,
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
  commandTimeout: 5_000,
  stringNumbers: true,
} as const;
const single = (options: Options = {}) => ({
  port: server.port,
  host: server.host,
  password: 'hush',
  ...HARMFUL,
  ...options,
});
const seeds = () => cluster.nodes.map(({ host, port }) => ({ host, port }));

describe.each([
  ['5', Redis5, Cluster5],
  ['6', Redis6, Cluster6],
] as const)("an application's client of ioredis %s", (version, Redis, Cluster) => {
  const redis = (options: Options = {}) => own(Redis, single(options));
  const clusterOf = (options: Options = {}) => own(Cluster, seeds(), { lazyConnect: true, ...options });

  it.each([
    ['one server', 'standalone', redis],
    ['a cluster', 'cluster', () => clusterOf({ redisOptions: HARMFUL })],
    ['a cluster without options for its nodes', 'cluster', clusterOf],
  ] as const)('is the pattern for our own connections to %s', async (_name, kind, make) => {
    const client = make();
    const { redis: ours } = await connect({ client });
    expect([ours.kind, ours.isReady()]).toEqual([kind, true]);
    expect(ours.data).not.toBe(client);
    expect(ours.data).toBeInstanceOf(kind === 'cluster' ? Cluster : Redis);
    expect(await ours.data.call('SET', 'app:lake:x:1', version)).toBe('OK');
    expect(await ours.data.getBuffer('app:lake:x:1')).toEqual(Buffer.from(version));
    const heard: string[] = [];
    ours.subscriber.listen(BUS, {
      subscribed: () => heard.push('up'),
      lost: () => 0,
      message: (m) => heard.push(String(m)),
    });
    await eventually('it is subscribed', () => heard.length > 0);
    await ours.data.call('PUBLISH', BUS, 'hello');
    await eventually('the message is there', () => heard.includes('hello'));
    expect(client.status).toBe('wait');
    expect(await client.ping()).toBe('PONG');
    await ours.close();
    expect(await client.ping()).toBe('PONG');
  });

  it('takes our settings instead of its own', async () => {
    const { redis: ours } = await connect({ client: redis() });
    expect(ours.data.options).toMatchObject({
      enableOfflineQueue: false,
      enableAutoPipelining: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: undefined,
      stringNumbers: false,
      password: 'hush',
    });
  });

  it('may be one of sentinels', async () => {
    const sentinels = group.sentinels.map(({ host, port }) => ({ host, port }));
    const client = own(Redis, { sentinels, name: group.name, lazyConnect: true });
    const { redis: ours } = await connect({ client });
    expect(await ours.data.call('SET', 'app:lake:x:1', 'v')).toBe('OK');
    expect(client.status).toBe('wait');
  });

  it.each<[string, () => Client, RegExp]>([
    [
      'keyPrefix',
      () => redis({ keyPrefix: 'shop:' }),
      /client: its keyPrefix "shop:" is not valid: .*Pass a client without keyPrefix/,
    ],
    ['keyPrefix of a cluster', () => clusterOf({ keyPrefix: 'shop:' }), /keyPrefix "shop:"/],
    ['keyPrefix of nodes', () => clusterOf({ redisOptions: { keyPrefix: 'shop:' } }), /keyPrefix "shop:"/],
    [
      'replica reads',
      () => clusterOf({ scaleReads: 'slave' }),
      /reads from replicas \(scaleReads: 'slave'\), which lag behind/,
    ],
    [
      'replica reads by a function',
      () => clusterOf({ scaleReads: (nodes: unknown) => nodes }),
      /scaleReads: a function/,
    ],
    ['readOnly', () => redis({ readOnly: true }), /reads from replicas \(readOnly: true\)/],
    ['readOnly nodes', () => clusterOf({ redisOptions: { readOnly: true } }), /redisOptions\.readOnly: true/],
    ['the replicas of sentinels', () => redis({ sentinels: [{ port: 1 }], name: 'x', role: 'slave' }), /role: 'slave'/],
  ])('is refused at boot with %s', async (_name, make, message) => {
    const client = make();
    const { error, left } = await failure({ client, required: false });
    expect(error).toMatchObject({ name: 'CacheConfigError', code: 'CONFIG' });
    expect(error.message).toMatch(message);
    expect([client.status, left()]).toEqual(['wait', []]);
  });

  it('is refused when it is a Redis and the server a node of a cluster, and the reverse', async () => {
    const [seed] = seeds();
    const lone = own(Redis, { ...seed, lazyConnect: true });
    expect((await failure({ client: lone })).error.message).toMatch(
      /node of a Redis Cluster.*or pass a Cluster as client/,
    );
    const many = own(Cluster, [{ host: server.host, port: server.port }], {
      lazyConnect: true,
      redisOptions: { password: 'hush' },
    });
    expect((await failure({ client: many })).error.message).toMatch(/it is no node of a cluster/);
  });

  it('fails the boot when its server is away, and stays open itself', async () => {
    const gone = own(Redis, { port: 1, host: server.host, lazyConnect: true });
    const { error, left } = await failure({ client: gone, timeout: 300 });
    expect(error.message).toMatch(/^Redis at 127\.0\.0\.1:1 could not be used within 300 ms: ECONNREFUSED/);
    expect([gone.status, left()]).toEqual(['wait', []]);
  });
});

describe('what is no client', () => {
  it.each<[string, unknown]>([
    ['an object', {}],
    ['a client of another package', { get: () => 0, quit: () => 0, on: () => 0, duplicate: () => 0, isOpen: true }],
    ['ioredis 4', Object.assign(new Redis6({ lazyConnect: true }), { options: { dropBufferSupport: false } })],
  ])('is refused: %s', async (_name, client) => {
    const { error } = await failure({ client: client as RedisLike });
    expect(error.message).toBe(
      'forRoot.redis.client: this is no client of ioredis 5 or 6: write new Redis(…) or new Cluster(…).',
    );
  });
});
