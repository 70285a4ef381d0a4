import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/redis/wait.js';
import { laggingReplicas } from '../kit/failovers.js';
import { Lag } from '../storm/lag.js';
import { claims, granted, lockProcess, onePrimary } from './one-primary.js';

/** How long replicas have to confirm. */
const CONFIRM_MS = 500;
const GRACE_MS = 250;
const AT_ONCE = 64;

it('locks that a lagging replica does not confirm are refused together, not one after the other', async () => {
  const place = await onePrimary(1);
  const engine = await lockProcess(place);
  const lag = new Lag();
  onTestFinished(() => lag.stop());
  const names = place.names.slice(0, AT_ONCE);
  const others = place.names.slice(AT_ONCE);
  const before = { owner: 'before', durability: 'replicated' } as const;
  await eventually('the replica confirms', async () => granted(await claims(engine, others, before)) === others.length);
  await laggingReplicas(place.cluster, place.filler);
  const began = lag.now();
  const answers = await claims(engine, names, { owner: 'after', durability: 'replicated' });
  const took = lag.now() - began;
  console.log(`${AT_ONCE} locks refused in ${took.toFixed(0)} ms`);
  expect(answers.filter((answer) => answer !== undefined)).toEqual([]);
  expect(took).toBeLessThan(CONFIRM_MS + GRACE_MS);
});
