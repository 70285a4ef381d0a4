import { expect, it, onTestFinished } from 'vitest';
import { startCluster } from '../../support/redis/start-cluster.js';
import { pause } from '../../support/redis/wait.js';
import { healed } from './healed.js';

it('resolves for a whole cluster, and not while a node is away or does not follow', async () => {
  const cluster = await startCluster({ nodeTimeoutMs: 500 });
  onTestFinished(() => cluster.stop());
  await healed(cluster);
  const { primary, replicas } = await cluster.nodesOfSlot(0);
  const seen = { isHealed: false };
  const healing = async () => {
    seen.isHealed = false;
    await healed(cluster);
    seen.isHealed = true;
  };
  await replicas[0]?.pause();
  const afterPause = healing();
  await pause(300);
  expect(seen.isHealed).toBe(false);
  replicas[0]?.resume();
  await afterPause;
  await primary.kill();
  const afterKill = healing();
  await cluster.primaryOtherThan(primary, 0);
  await pause(300);
  // The slots are served again, by one that nobody follows.
  expect(seen.isHealed).toBe(false);
  await primary.restart();
  await afterKill;
  expect((await cluster.nodesOfSlot(0)).replicas).toEqual([primary]);
});
