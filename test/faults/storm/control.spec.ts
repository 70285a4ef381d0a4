import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CacheService } from '@datapunk/cache';
import { proxiedServer, type ProxiedServer } from '../kit/proxied.js';
import { chooseSeed } from '../kit/seed.js';
import { standaloneFaults } from './faults.js';
import { Fleet } from './fleet.js';
import { NaiveCollector } from './naive-collector.js';

const READERS = 64;
const FAULTS = ['black hole', 'reset', 'SIGSTOP', 'lost replies', 'CLIENT KILL'];

type Read = (id: number) => Promise<unknown>;

let one: ProxiedServer;

beforeAll(async () => {
  one = await proxiedServer({ seed: chooseSeed('control') });
});

afterAll(() => one.stop());

/** Callers that read while the faults strike; how often one got the value of another key. */
async function wrongAnswers(read: Read): Promise<number> {
  let isOver = false;
  let wrong = 0;
  const reader = async (id: number) => {
    for (let at = id; !isOver; at = (at + 7) % 500) {
      const value = await read(at).catch(() => undefined);
      if (value !== undefined && value !== null && value !== `value ${at}`) wrong += 1;
      await sleep(1);
    }
  };
  const readers = Array.from({ length: READERS }, (_, id) => reader(id));
  for (const { name, strike } of standaloneFaults(one)) if (FAULTS.includes(name)) await strike(700);
  await sleep(1_500);
  isOver = true;
  await Promise.all(readers);
  return wrong;
}

it('a naive collector on a client that sends again gives values of other keys', { timeout: 60_000 }, async () => {
  const client = new Redis({ host: one.proxy.host, port: one.proxy.port, autoResendUnfulfilledCommands: true });
  client.on('error', () => undefined);
  for (let id = 0; id < 500; id += 1) await client.set(`k:${id}`, `value ${id}`);
  const collector = new NaiveCollector(client);
  const wrong = await wrongAnswers((id) => collector.get(`k:${id}`));
  client.disconnect();
  console.log(`the naive collector gave ${wrong} values of other keys`);
  expect(wrong).toBeGreaterThan(0);
});

it('the cache gives none under the same faults', { timeout: 60_000 }, async () => {
  const fleet = await Fleet.start(2, `redis://${one.proxy.address}`, 'control');
  const [writer] = fleet.caches;
  for (let id = 0; id < 500; id += 1) await writer?.set(`k:${id}`, `value ${id}`);
  // The second has no memory of them: it asks Redis, and its own memory is emptied by every fault.
  const reader = fleet.get(1).get(CacheService);
  expect(await wrongAnswers((id) => reader.get(`k:${id}`))).toBe(0);
  await fleet.stop();
});
