import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { MUTABLE } from '../../../libs/cache/src/core/entry/layout.js';
import { eventually } from '../../support/redis/wait.js';
import { latency } from '../kit/conditions.js';
import { twoProcesses } from './two-processes.js';

/** Longer than a save waits for others to know of it, much shorter than what a command may take. */
const SLOW_MS = 150;

/** Writes under way, as the header under the key counts them. */
const opens = async (client: Redis): Promise<number> => {
  const bytes = await client.getrangeBuffer('app:pair:page:1', MUTABLE.openIntents, MUTABLE.openIntents + 1);
  return bytes.readUInt16BE();
};

it('a save that Redis was told of too late closes its key no longer than it runs', async () => {
  const { server, writer: other, reader: slow, data, events } = await twoProcesses();
  const client = new Redis(server.port, server.host);
  onTestFinished(() => client.disconnect());
  const told: string[] = [];
  events.on('deferred', ({ type }) => told.push(type));
  events.on('recovered', ({ type }) => told.push(type));
  await other.set('page:1', 'old');
  let beganLate = 0;
  data.set(latency(SLOW_MS));
  await slow.writeThrough('page:1', 'new', async () => {
    await eventually('the save is known of', async () => (beganLate = await opens(client)) > 0);
  });
  data.set(undefined);
  // Control: it was too late for the save, and it arrived.
  expect([told, beganLate]).toEqual([['deferred'], 1]);
  await eventually('the write has ended for all', async () => (await opens(client)) === 0);
  await eventually('what was owed is made up for', () => told.includes('recovered'));
  await other.readThrough('page:1', async () => 'new');
  await eventually('what is loaded is kept', async () => (await client.strlen('app:pair:page:1')) > MUTABLE.end);
  expect(await slow.get('page:1')).toBe('new');
});
