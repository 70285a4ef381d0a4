import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { pause } from '../../support/redis/wait.js';
import { AppProcess } from '../kit/app-process.js';
import { Lag } from '../storm/lag.js';
import { ROUNDS } from './one-primary.js';

const APP = join(__dirname, 'lock.app.ts');
const WAITERS = 8;
const MOST_MS = 1_000;
const TIMES = 3 * ROUNDS;

let server: Standalone;
let options: { redis: string; ttl: number };
beforeAll(async () => {
  server = await startStandalone();
  options = { redis: server.address, ttl: 30_000 };
});
afterAll(() => server.stop());

it(
  'a killed process with eight waiters at the head of the line delays the next by a second',
  { timeout: TIMES * 20_000 },
  async () => {
    const [holder, next] = await Promise.all([AppProcess.start(APP, options), AppProcess.start(APP, options)]);
    const lag = new Lag();
    const delays: number[] = [];
    for (let round = 0; round < TIMES; round += 1) {
      const victim = await AppProcess.start(APP, options);
      const name = `killed-${round}`;
      await holder.call('take', name, 0);
      await victim.call('queue', name, WAITERS);
      await pause(200);
      const taken = next.call('take', name, 30_000);
      await pause(200);
      await victim.kill();
      const freed = lag.now();
      await holder.call('release', name);
      await taken;
      delays.push(lag.now() - freed);
      await next.call('release', name);
    }
    lag.stop();
    await Promise.all([holder.kill(), next.kill()]);
    console.log(`${TIMES} times: the next had it after ${Math.max(...delays).toFixed(0)} ms at most`);
    expect(Math.max(...delays)).toBeLessThan(MOST_MS);
    // Control: the line was kept for the dead at first.
    expect(Math.max(...delays)).toBeGreaterThan(300);
  },
);
