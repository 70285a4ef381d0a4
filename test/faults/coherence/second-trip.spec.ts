import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CacheService } from '@datapunk/cache';
import { MUTABLE } from '../../../libs/cache/src/core/entry/layout.js';
import { latency } from '../kit/conditions.js';
import { Lag } from '../storm/lag.js';
import { twoProcesses } from './two-processes.js';

const AHEAD_MS = 600_000;
const ANSWER_MS = 1_000;
const GRACE_MS = 50;

interface Met {
  readonly cache: CacheService;
  /** From now on a number of the future is in Redis, and Redis is slow. */
  readonly strike: () => Promise<void>;
}

/** A call that meets a number of the future in Redis, so that it needs a second trip. How long it took, and what it said. */
async function metTheFuture(call: (met: Met) => Promise<unknown>, ms: number) {
  const { server, writer, reader, data, read } = await twoProcesses();
  const client = new Redis(server.port, server.host);
  const lag = new Lag();
  onTestFinished(() => {
    lag.stop();
    client.disconnect();
  });
  await writer.set('page:1', 'old');
  const strike = async () => {
    const ahead = Buffer.alloc(8);
    ahead.writeBigUInt64BE(BigInt((Date.now() + AHEAD_MS) * 1_000));
    await client.setrange('app:pair:page:1', MUTABLE.assigned, ahead);
    data.set(latency(ms));
  };
  const began = lag.now();
  const outcome = await call({ cache: reader, strike }).then(
    () => 'done',
    (error: unknown) => error,
  );
  const took = lag.now() - began;
  data.set(undefined);
  return { outcome, took, read };
}

const set = async ({ cache, strike }: Met) => {
  await strike();
  await cache.set('page:1', 'new');
};

describe('a value that Redis does not take at first', () => {
  it('is numbered anew in a second trip (control: both are needed)', async () => {
    const { outcome, took, read } = await metTheFuture(set, 200);
    expect(outcome).toBe('done');
    expect(took).toBeGreaterThan(750);
    expect((await read('page:1'))[0]).toBe('new');
  });

  it('does not get the time of two', async () => {
    const { outcome, took } = await metTheFuture(set, 400);
    expect(outcome).toMatchObject({ code: 'TIMEOUT', key: 'app:pair:page:1' });
    expect(took).toBeLessThan(ANSWER_MS + GRACE_MS);
  });
});
