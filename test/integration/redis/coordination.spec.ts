import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRELUDE } from '../../../libs/cache/src/drivers/redis/calls/prelude.js';
import { Script } from '../../../libs/cache/src/drivers/redis/calls/script.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { eventually } from '../../support/redis/wait.js';
import { coordinate, SERVICE } from './support.js';

const ADD = new Script(
  `${PRELUDE}
for at, key in ipairs(KEYS) do
  reply[2 * at] = redis.call('INCRBY', key, ARGV[2 + at])
  reply[2 * at + 1] = false
end
return reply
`,
  { width: 2 },
);

const key = (at: number) => `coord:${SERVICE}:lock:coordination-${at}`;

let server: Standalone;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([startStandalone(), startCluster({ primaries: 3, replicas: 1 })]);
});
afterAll(() => Promise.all([server.stop(), cluster.stop()]));

const places = {
  standalone: () => `redis://${server.address}`,
  Cluster: () => ({ nodes: cluster.nodes.map(({ host, port }) => ({ host, port })) }),
} as const;

describe.each(['standalone', 'Cluster'] as const)('coordination on %s', (place) => {
  it('answers each key by itself, however many are asked in a tick', async () => {
    const one = await coordinate(places[place]());
    const said = await Promise.all(
      Array.from({ length: 200 }, (_, at) => one.run({ script: ADD, key: key(at), args: [at] })),
    );
    expect(said).toEqual(Array.from({ length: 200 }, (_, at) => [at, null]));
  });
});

describe('the connections of coordination', () => {
  const clients = async () => String(await server.call('CLIENT', 'LIST')).split('name=datapunk-cache').length - 1;

  it('are opened when they are first needed, and closed', async () => {
    const opened = await coordinate(places.standalone());
    const before = await clients();
    await opened.run({ script: ADD, key: key(0), args: [1] });
    expect(await clients()).toBe(before + 1);
    await opened.waiting();
    expect(await clients()).toBe(before + 2);
    await opened.close();
    await eventually('none of this process is left', async () => (await clients()) === 0);
    await expect(opened.run({ script: ADD, key: key(0), args: [1] })).rejects.toThrow();
  });

  it('let nobody wait for a server that is away, and work when it is back', async () => {
    const own = await startStandalone();
    const one = await coordinate(`redis://${own.address}`);
    await one.run({ script: ADD, key: key(0), args: [1] });
    await own.kill();
    await expect(one.run({ script: ADD, key: key(0), args: [1] })).rejects.toThrow();
    await own.restart();
    await expect
      .poll(() => one.run({ script: ADD, key: key(0), args: [1] }).catch(String), { timeout: 10_000 })
      .toEqual([1, null]);
    await own.stop();
  });
});
