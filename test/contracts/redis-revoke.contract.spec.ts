import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MUTABLE } from '../../libs/cache/src/core/entry/layout.js';
import { parseNotice } from '../../libs/cache/src/drivers/redis/bus/notice.js';
import type { RedisEntries } from '../../libs/cache/src/drivers/redis/layer/redis-layer.js';
import type { RedisConnections } from '../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { entryOf } from '../support/core.js';
import { eventually } from '../support/redis/wait.js';
import { CHANNEL, clock, connectTo, entriesUnder } from './redis-layer.place.js';

const PLACES: readonly (readonly [string, () => RedisOption])[] = [
  ['standalone', () => inject('redis').standalone],
  ['a server in another locale', () => inject('redis').locale],
  ['a cluster', () => ({ nodes: inject('redis').cluster })],
];

const now = () => Math.floor(clock.now() * 1_000);
const value = (of: unknown, assigned: number, source?: bigint) =>
  entryOf(of, Math.floor(clock.now()), {
    freshUntil: Math.floor(clock.now()) + 60_000,
    version: { source, assigned },
  });

describe.each(PLACES)('what came back on %s', (_, redis) => {
  let connections: RedisConnections;
  let entries: RedisEntries;
  const prefix = `app:revoke-${randomUUID()}:`;
  const heard: string[] = [];
  let count = 0;
  const newKey = () => `key:${++count}`;
  const raw = (command: string, key: string, ...args: (string | number)[]) =>
    connections.data.call(command, prefix + key, ...args);

  beforeAll(async () => {
    connections = await connectTo(redis());
    entries = entriesUnder(prefix, connections);
    await new Promise<void>((subscribed) => {
      connections.subscriber.listen(CHANNEL, {
        subscribed,
        lost: () => undefined,
        message: (payload) => {
          const notice = parseNotice(payload.toString('latin1'));
          if (notice?.key.startsWith(prefix) === true) heard.push(`${notice.kind} ${notice.key.slice(prefix.length)}`);
        },
      });
    });
  });
  afterAll(() => connections.close());

  it('is removed where it is older than the change, and all are told', async () => {
    const key = newKey();
    const change = now();
    await entries.layer.store(key, value('old', change - 1_000, 3n), 'load');
    expect(await entries.fence.revoke(key, change)).toBe(true);
    expect(await entries.layer.read(key)).toMatchObject({ kind: 'tombstone', version: { source: 3n } });
    expect(await entries.headers.assigned(key)).toBeGreaterThan(change);
    await eventually('it is told', () => heard.includes(`delete ${key}`));
  });

  it('stays, untold of, where it is the change or newer', async () => {
    const key = newKey();
    const change = now();
    await entries.layer.store(key, value('new', change), 'load');
    expect(await entries.fence.revoke(key, change)).toBe(false);
    expect(await entries.fence.revoke(key, change - 1)).toBe(false);
    expect(await entries.layer.read(key)).toMatchObject({ value: 'new', version: { assigned: change } });
    const told = newKey();
    await entries.layer.remove(told);
    await eventually('what comes later is told', () => heard.includes(`delete ${told}`));
    expect(heard).not.toContain(`delete ${key}`);
  });

  it('loses its lease: nobody keeps what was loaded before the change', async () => {
    const key = newKey();
    const claim = await entries.fence.claim(key);
    if (claim.kind !== 'mine') throw new Error(claim.kind);
    expect(await entries.headers.assigned(key)).toBe(claim.lease.assigned);
    expect(await entries.fence.revoke(key, claim.lease.assigned + 1)).toBe(true);
    expect(await entries.fence.fill(claim.lease, value('old', claim.lease.assigned))).toBe(false);
    const next = await entries.fence.claim(key);
    expect(next.kind === 'mine' && next.lease.assigned).toBeGreaterThan(claim.lease.assigned + 1);
  });

  it('closes the key as long as before, and lets no write under way keep its value', async () => {
    const key = newKey();
    const intent = await entries.fence.begin(key);
    expect(await entries.fence.revoke(key, (await entries.headers.assigned(key)) + 1)).toBe(true);
    expect(await entries.fence.claim(key)).toEqual({ kind: 'closed' });
    const entry = value('new', now());
    expect(await entries.fence.end(key, { intent, entry, isAlone: true })).toBe('removed');
  });

  it('is nothing where there is nothing, or nothing of ours', async () => {
    const [none, foreign, list] = [newKey(), newKey(), newKey()];
    await raw('SET', foreign, 'x'.repeat(MUTABLE.end * 2));
    await raw('RPUSH', list, 'x');
    for (const key of [none, foreign, list]) {
      expect(await entries.headers.assigned(key)).toBe(0);
      expect(await entries.fence.revoke(key, now())).toBe(false);
    }
    expect(await raw('EXISTS', none)).toBe(0);
    expect(await raw('STRLEN', foreign)).toBe(MUTABLE.end * 2);
    expect(await raw('LLEN', list)).toBe(1);
  });
});
