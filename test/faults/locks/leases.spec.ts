import { expect, it, onTestFinished } from 'vitest';
import type { Lock } from '../../../libs/cache/src/core/locks/lock.js';
import type { Clock } from '../../../libs/cache/src/core/shared/clock.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { lockKey } from '../../../libs/cache/src/drivers/redis/locks/lock-key.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import { coordinate, SERVICE } from '../../integration/redis/support.js';
import { locksOver } from '../../support/locks.js';
import { pause } from '../../support/redis/wait.js';
import { blackHole, halfOpen, latency, type Conditions } from '../kit/conditions.js';
import { proxiedServer, type ProxiedServer } from '../kit/proxied.js';
import { chooseSeed } from '../kit/seed.js';
import { clientPause } from '../kit/servers.js';
import { Lag } from '../storm/lag.js';
import { LOCKS, ROUNDS } from './one-primary.js';

const TTL = 1_000;
/** The server's time and ours are told in whole milliseconds. */
const ROUNDING_MS = 2;
const GUARD = 100;
const LIMIT_MS = ROUNDS * 20_000 + 20_000;

interface Fault {
  readonly name: string;
  readonly strike: (one: ProxiedServer) => Promise<void>;
  readonly heal: (one: ProxiedServer) => void;
  /** Whether the server answers those who do not come through the proxy. */
  readonly isReachable: boolean;
}

const onTheWay = (name: string, conditions: Conditions): Fault => ({
  name,
  strike: async ({ proxy }) => proxy.set(conditions),
  heal: ({ proxy }) => proxy.clear(),
  isReachable: true,
});

const FAULTS: readonly Fault[] = [
  {
    name: 'SIGSTOP',
    strike: ({ server }) => server.pause(),
    heal: ({ server }) => server.resume(),
    isReachable: false,
  },
  {
    name: 'CLIENT PAUSE',
    strike: ({ server }) => clientPause(server, 3 * TTL, 'ALL'),
    heal: () => undefined,
    isReachable: false,
  },
  onTheWay('a black hole', blackHole),
  onTheWay('lost replies', halfOpen('toClient')),
  onTheWay('lost requests', halfOpen('toServer')),
  onTheWay('a network slower than the ttl', latency(2 * TTL)),
];

/** Locks of a process, renewed for a while; each with the time at which its signal aborted, once it has. */
async function taken(
  one: ProxiedServer,
  lag: Lag,
  clock: Clock,
): Promise<Map<string, { lock: Lock; aborted?: number }>> {
  const locks = locksOver(new RedisLockEngine(await coordinate(`redis://${one.proxy.address}`)), { clock });
  onTestFinished(() => locks.close());
  const held = new Map<string, { lock: Lock; aborted?: number }>();
  for (let at = 0; at < LOCKS; at += 1) {
    const name = `lease-${performance.now()}-${at}`;
    const entry: { lock: Lock; aborted?: number } = { lock: await locks.acquire(name, { ttl: TTL }) };
    entry.lock.signal.addEventListener('abort', () => (entry.aborted = Date.now() - lag.late()));
    held.set(name, entry);
  }
  return held;
}

/** Until when the server keeps each lock, by its own time; 0: it is free. */
async function ends({ server }: ProxiedServer, names: Iterable<string>): Promise<number[]> {
  const texts = await server.call('MGET', ...Array.from(names, (name) => lockKey(SERVICE, name)));
  return (texts as string[]).map((text) => Number(text.split(' ')[1]));
}

/** By how many ms each signal came before the lock could be somebody else's. */
async function margins(
  { strike, heal, isReachable }: Fault,
  lag: Lag,
  clock: Clock = new SystemClock(),
): Promise<number[]> {
  const one = await proxiedServer({ seed: chooseSeed('leases') });
  onTestFinished(() => one.stop());
  const held = await taken(one, lag, clock);
  await pause(TTL * Math.random());
  await strike(one);
  // By then the last renewal was sent; later a holder that has lost its lock may give it back.
  await pause(TTL / 2);
  const during = isReachable ? await ends(one, held.keys()) : [];
  await pause(2 * TTL);
  heal(one);
  await pause(TTL);
  const after = await ends(one, held.keys());
  return [...held.values()].map(({ aborted = Infinity }, at) => Math.max(during[at] ?? 0, after[at] ?? 0) - aborted);
}

it('the signal of every lock aborts before the lock can end', { timeout: LIMIT_MS }, async () => {
  const lag = new Lag();
  onTestFinished(() => lag.stop());
  const seen = new Map(FAULTS.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    // All at once, each on a server of its own: most of the time they wait.
    await Promise.all(FAULTS.map(async (fault) => seen.get(fault.name)?.push(...(await margins(fault, lag)))));
  }
  for (const [name, all] of seen) {
    console.log(`${name}: ${all.length} locks, ${Math.min(...all).toFixed(0)} ms before the end or more`);
    expect(all.filter((margin) => !(margin >= GUARD - ROUNDING_MS))).toEqual([]);
  }
});

/** Its timers come later than the guard allows for. */
class LateClock extends SystemClock {
  override after(ms: number, task: () => void): () => void {
    return super.after(ms + GUARD, task);
  }
}

it('signals that come by late timers are too late (control)', { timeout: LIMIT_MS }, async () => {
  const lag = new Lag();
  onTestFinished(() => lag.stop());
  const all = await margins(onTheWay('a black hole', blackHole), lag, new LateClock());
  expect(Math.min(...all)).toBeLessThan(GUARD);
});
