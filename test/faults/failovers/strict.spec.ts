import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import type { Cache } from '../../../libs/cache/src/core/cache/cache.js';
import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { ConfirmingNode } from '../../../libs/cache/src/drivers/redis/confirmed/confirming-node.js';
import type { RedisNode } from '../../../libs/cache/src/drivers/redis/redis-client.js';
import { compose, realWorld } from '../../../libs/cache/src/nest/composition.js';
import { resolveOptions } from '../../../libs/cache/src/nest/options/resolve-options.js';
import { slotOf } from '../../support/redis/slots.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import type { RedisServer } from '../../support/redis/server.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { laggingReplicas, zombiePrimary } from '../kit/failovers.js';

/** Rounds of each fault: a short profile by default, `STRICT_ROUNDS=100` the long one. */
const ROUNDS = Number(process.env.STRICT_ROUNDS ?? 1);

/** Keys in a round, all of one primary. */
const KEYS = 20;

const LIMIT_MS = 60_000 + 30_000 * ROUNDS;

const STRICT = { level: 'strict' } as const;
/** Of each primary. */
const REPLICAS = 2;

const FILLER = '{filler}';

/** On a busy machine other primaries are replaced as well: the replicas of this one must not be lent to them. */
const STAYING = () => ['--cluster-allow-replica-migration', 'no'];

let count = 0;

async function start() {
  count += 1;
  const service = `zombie${count}`;
  // Quick to replace a primary, so that it happens before clients look for who has its slots.
  const cluster = await startCluster({ primaries: 3, replicas: REPLICAS, nodeTimeoutMs: 500, args: STAYING });
  onTestFinished(() => cluster.stop());
  const { primary } = await cluster.nodesOfSlot(slotOf(FILLER));
  const keys: string[] = [];
  for (let at = 0; keys.length < KEYS; at += 1) {
    const key = `town:${at}`;
    if ((await cluster.nodesOf(`app:${service}:${key}`)).primary === primary) keys.push(key);
  }
  const source = new Map(keys.map((key) => [key, 0]));
  const open: (() => Promise<unknown>)[] = [];
  /** What a round has opened would weigh on the next. */
  const endRound = () => Promise.all(open.splice(0).map((close) => close()));
  onTestFinished(async () => void (await endRound()));
  return { service, cluster, keys, source, open, endRound };
}

type Place = Awaited<ReturnType<typeof start>>;

/** A process of its own, whose connections are open. */
async function processOf({ service, cluster, keys, open }: Place): Promise<Cache> {
  const nodes = cluster.nodes.filter(({ awake }) => awake).map(({ host, port }) => ({ host, port }));
  const options = resolveOptions({ service, redis: { nodes }, protection: { operations: false }, staleness: false });
  const one = await compose(options, realWorld(), new EventHub());
  open.push(async () => {
    await one.stop();
    await one.close();
  });
  await eventually('it reads', () =>
    settled(Promise.all(keys.map((key) => one.cache.readThrough(key, () => 0, STRICT)))),
  );
  return one.cache;
}

const settled = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

/** What each of these reads answers; nothing where it is refused. */
const answers = (reads: readonly Promise<unknown>[]) => Promise.all(reads.map((read) => read.catch(() => undefined)));

async function writeAll(cache: Cache, { keys, source }: Place): Promise<void> {
  const save = (key: string) => {
    const next = (source.get(key) ?? 0) + 1;
    const write = () => cache.writeThrough(key, next, () => void source.set(key, next), STRICT);
    return eventually('it writes', () => settled(write()));
  };
  await Promise.all(keys.map(save));
}

/** A replica that has to be sent everything anew, on a machine that is busy. */
const HEALED_MS = 60_000;

/** Everybody is well and follows again. */
async function healed(cluster: RedisCluster): Promise<void> {
  await eventually(
    'all replicas follow',
    async () => {
      const { primary, replicas } = await cluster.nodesOfSlot(slotOf(FILLER));
      if (replicas.length < REPLICAS) return false;
      await primary.call('SET', FILLER, 'x');
      return (await primary.call('WAIT', REPLICAS, 200)) === REPLICAS;
    },
    HEALED_MS,
  );
}

/** Reads as the library sends them, on a connection that leads to this server whatever becomes of it. */
async function connectionTo(server: RedisServer, { open }: Place) {
  const client = new Redis({ host: server.host, port: server.port, lazyConnect: true });
  open.push(async () => client.disconnect());
  await client.connect();
  const clock = new SystemClock();
  const node = new ConfirmingNode(client as unknown as RedisNode, { clock, dates: clock });
  return {
    plain: (key: string) => client.getBuffer(key),
    /** How many replicas confirmed what was read; nothing where that failed. */
    confirmed: (key: string) =>
      new Promise<{ reply: unknown; replicas: number } | undefined>((resolve) => {
        let reply: unknown;
        const take = (said: unknown) => void (reply = said);
        const fail = () => resolve(undefined);
        const end = (replicas: number) => resolve({ reply, replicas });
        const asked = { key, calls: [], read: { key, take, fail }, needed: REPLICAS, fail, end };
        node.run([[asked]]).catch(fail);
      }),
  };
}

it(
  'a primary that was replaced while it stood still answers no strict read, though it answers plain ones',
  { timeout: LIMIT_MS },
  async () => {
    const place = await start();
    const { keys, source, cluster, service } = place;
    const seen = { plain: 0, confirmed: 0, unconfirmed: 0, answered: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const [left, writer] = await Promise.all([processOf(place), processOf(place)]);
      await writeAll(writer, place);
      const { primary } = await cluster.nodesOfSlot(slotOf(FILLER));
      const direct = await connectionTo(primary, place);
      const full = keys.map((key) => `app:${service}:${key}`);
      const before = await Promise.all(full.map((key) => direct.confirmed(key)));
      expect(before.every((one) => one?.replicas === REPLICAS)).toBe(true);
      const { zombie, wake } = await zombiePrimary(cluster, slotOf(FILLER), () => undefined);
      const successor = await processOf(place);
      await writeAll(successor, place);
      // All of it waits in its sockets when it goes on.
      const plain = full.map((key) => direct.plain(key));
      const confirmed = full.map((key) => direct.confirmed(key));
      const strict = answers(keys.map((key) => left.readThrough(key, () => source.get(key), STRICT)));
      await pause(50);
      wake();
      for (const [at, bytes] of (await Promise.all(plain.map((one) => one.catch(() => null)))).entries()) {
        const reply = before[at]?.reply;
        if (bytes !== null && Buffer.isBuffer(reply) && bytes.equals(reply)) seen.plain += 1;
      }
      for (const one of await Promise.all(confirmed)) {
        if (one !== undefined && one.replicas >= REPLICAS) seen.confirmed += 1;
        else seen.unconfirmed += 1;
      }
      for (const [at, value] of (await strict).entries()) {
        if (value === undefined) seen.refused += 1;
        else seen.answered += 1;
        if (value !== undefined) expect(value).toBe(source.get(keys[at] ?? ''));
      }
      await eventually('it follows', async () => String(await zombie.call('ROLE')).startsWith('slave'));
      await healed(cluster);
      await place.endRound();
    }
    console.log(`${ROUNDS} zombies: ${JSON.stringify(seen)}`);
    expect(seen.confirmed).toBe(0);
    expect(seen.unconfirmed).toBe(ROUNDS * KEYS);
    // The control: what it answers without being confirmed is old.
    expect(seen.plain).toBeGreaterThan(0);
  },
);

it(
  'a primary that dies with what its replicas did not confirm takes no strict write with it',
  { timeout: LIMIT_MS },
  async () => {
    const place = await start();
    const seen = { saved: 0, rejected: 0, unknown: 0, eventual: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const { keys, source, cluster } = place;
      const [writer, reader] = await Promise.all([processOf(place), processOf(place)]);
      await writeAll(writer, place);
      const [last = '', ...strict] = keys;
      const { primary, lose } = await laggingReplicas(cluster, FILLER);
      const saves = strict.map(async (key) => {
        const next = (source.get(key) ?? 0) + 1;
        try {
          await writer.writeThrough(key, next, () => void source.set(key, next), STRICT);
          seen.saved += 1;
        } catch (error) {
          const { outcome } = error as { outcome: 'rejected' | 'unknown' };
          seen[outcome] += 1;
          // The word is true: a rejected save did not run.
          expect(source.get(key) === next).toBe(outcome === 'unknown');
        }
      });
      // The control: plain shared writes are confirmed by the primary alone, and lost with it.
      const lost = (source.get(last) ?? 0) + 1_000;
      await writer.writeThrough(last, lost, () => void source.set(last, lost));
      await Promise.all(saves);
      await lose();
      const entry = await eventually('another has taken over', async () => {
        const read = await Promise.resolve(reader.parts.store.below[0]?.read(last)).then(
          (found) => ({ found }),
          () => undefined,
        );
        return read;
      });
      if (entry.found?.kind !== 'value' || entry.found.value !== lost) seen.eventual += 1;
      // All replicas are asked, and the one that is missing has to come back: as the replica that it now is.
      await primary.restart();
      await healed(cluster);
      for (const key of strict) {
        let value: unknown;
        await eventually('it reads', async () => {
          value = await reader.readThrough(key, () => source.get(key), STRICT).catch(() => undefined);
          return value !== undefined;
        });
        expect(value).toBe(source.get(key));
      }
      await place.endRound();
    }
    console.log(`${ROUNDS} primaries lost: ${JSON.stringify(seen)}`);
    expect(seen.rejected).toBeGreaterThan(0);
    expect(seen.eventual).toBeGreaterThan(0);
  },
);
