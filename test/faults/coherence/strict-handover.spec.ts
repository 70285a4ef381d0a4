import { expect, it, onTestFinished } from 'vitest';
import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { compose, realWorld } from '../../../libs/cache/src/nest/composition.js';
import { resolveOptions } from '../../../libs/cache/src/nest/options/resolve-options.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { eventually } from '../../support/redis/wait.js';
import { healed } from '../kit/healed.js';

const STRICT = { level: 'strict' } as const;
const ROUNDS = 2;
const KEYS = Array.from({ length: 20 }, (_, at) => `town:${at}`);

it('strict reads and writes follow a primary that hands over and stays', async () => {
  const cluster = await startCluster();
  onTestFinished(() => cluster.stop());
  const redis = { nodes: cluster.nodes.map(({ host, port }) => ({ host, port })) };
  const options = resolveOptions({ service: 'handover', redis, protection: { operations: false }, staleness: false });
  const composed = await compose(options, realWorld(), new EventHub());
  const { cache } = composed;
  onTestFinished(async () => {
    await composed.stop();
    await composed.close();
  });
  const read = (key: string) => cache.readThrough(key, () => 0, STRICT);
  const write = (key: string, value: number) => cache.writeThrough(key, value, () => undefined, STRICT);
  await eventually('it reads', () => Promise.all(KEYS.map(read)));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const primary of await cluster.primaries()) {
      await cluster.failover(primary);
      await healed(cluster);
    }
    // The first that says so refuses the WAIT as well: that it has lost its role must not be lost in that.
    await Promise.all(KEYS.map((key) => write(key, round)));
    expect(await Promise.all(KEYS.map(read))).toEqual(KEYS.map(() => round));
  }
}, 60_000);
