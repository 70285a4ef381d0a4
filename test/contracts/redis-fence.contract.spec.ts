import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { LEASE_MS, SAVE_MS, type Lease, type LeaseLook } from '../../libs/cache/src/core/coherence/lease.js';
import type { Claim, Fence } from '../../libs/cache/src/core/layers/fence.js';
import { MUTABLE } from '../../libs/cache/src/core/entry/layout.js';
import type { Layer } from '../../libs/cache/src/core/layers/layer.js';
import { parseLoadNews } from '../../libs/cache/src/drivers/redis/bus/notice.js';
import type { RedisConnections } from '../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { entryOf } from '../support/core.js';
import { eventually, pause } from '../support/redis/wait.js';
import { CHANNEL, clock, connectTo, entriesUnder } from './redis-layer.place.js';

const PLACES: readonly (readonly [string, () => RedisOption])[] = [
  ['standalone', () => inject('redis').standalone],
  ['a server in another locale', () => inject('redis').locale],
  ['a cluster', () => ({ nodes: inject('redis').cluster })],
];

/** An entry as of now that stays for the time of a test. */
const value = (of: unknown, source?: bigint) =>
  entryOf(of, Math.floor(clock.now()), {
    freshUntil: Math.floor(clock.now()) + 60_000,
    version: { source, assigned: Math.floor(clock.now() * 1_000) },
  });

describe.each(PLACES)('the fence on %s', (_, redis) => {
  let connections: RedisConnections;
  let layer: Layer;
  let fence: Fence;
  let headers: LeaseLook;
  let other: Fence;
  const news: string[] = [];
  const prefix = `app:fence-${randomUUID()}:`;
  let count = 0;
  const newKey = () => `key:${++count}`;
  const raw = (command: string, key: string, ...args: (string | number)[]) =>
    connections.data.call(command, prefix + key, ...args);

  const entries = () => entriesUnder(prefix, connections);

  beforeAll(async () => {
    connections = await connectTo(redis());
    ({ layer, fence, headers } = entries());
    ({ fence: other } = entries());
    await new Promise<void>((subscribed) => {
      connections.subscriber.listen(CHANNEL, {
        subscribed,
        lost: () => undefined,
        message: (payload) => {
          const load = parseLoadNews(payload.toString('latin1'));
          if (load?.key.startsWith(prefix) !== true) return;
          const word = typeof load.news === 'string' ? load.news : `failed: ${load.news.message}`;
          news.push(`${load.key.slice(prefix.length)} ${word}`);
        },
      });
    });
  });
  afterAll(() => connections.close());

  async function leased(key: string, by: Fence = fence): Promise<Lease> {
    const claim: Claim = await by.claim(key);
    if (claim.kind !== 'mine') throw new Error(`'${key}' is ${claim.kind}`);
    return claim.lease;
  }
  const kept = async (key: string) => {
    const entry = await layer.read(key);
    return entry?.kind === 'value' && entry.freshUntil > clock.now() ? entry.value : undefined;
  };

  describe('a lease', () => {
    it('is one process’s at a time, and what is filled under it is found by the next', async () => {
      const key = newKey();
      const lease = await leased(key);
      const busy = await other.claim(key);
      expect(busy).toMatchObject({ kind: 'busy' });
      expect(busy.kind === 'busy' && busy.freeIn).toBeGreaterThan(LEASE_MS / 2);
      expect(await layer.read(key)).toBeUndefined();
      expect(await fence.fill(lease, value('loaded'))).toBe(true);
      expect(await kept(key)).toBe('loaded');
      expect(await other.claim(key)).toMatchObject({ kind: 'found', entry: { value: 'loaded' } });
    });

    it('of what is fresh is taken by who knows it to be over, and is nobody else’s until it is filled', async () => {
      const key = newKey();
      await fence.fill(await leased(key), value('old'));
      const known = await other.claim(key);
      if (known.kind !== 'found') throw new Error(`it is ${known.kind}`);
      const { assigned } = known.entry.version;
      const early = await fence.claim(key, assigned);
      expect(early).toMatchObject({ kind: 'mine' });
      // Who knows it to be over waits, or lets it be; who does not is given it.
      expect(await other.claim(key, assigned)).toMatchObject({ kind: 'busy' });
      expect(await other.claim(key)).toMatchObject({ kind: 'found', entry: { value: 'old' } });
      if (early.kind === 'mine') expect(await fence.fill(early.lease, value('new'))).toBe(true);
      expect(await other.claim(key, assigned)).toMatchObject({ kind: 'found', entry: { value: 'new' } });
    });

    it('can be looked at without touching it, for as long as it is there', async () => {
      const key = newKey();
      const lease = await leased(key);
      const before = await raw('GET', key);
      expect(await headers.stands(lease)).toBe(true);
      expect(await headers.stands({ ...lease, id: Buffer.alloc(16, 1) })).toBe(false);
      expect(await raw('GET', key)).toBe(before);
      await fence.fill(lease, value('loaded'));
      expect(await headers.stands(lease)).toBe(false);
      const left: boolean[] = [];
      for (const command of [['SET', 'short'], ['SET', 'x'.repeat(200)], ['DEL'], ['RPUSH', 'x']] as const) {
        const [name, ...args] = command;
        await raw('DEL', key);
        const taken = await leased(key);
        await raw('DEL', key);
        await raw(name, key, ...args);
        left.push(await headers.stands(taken));
        await raw('DEL', key);
      }
      expect(left).toEqual([false, false, false, false]);
    });

    const VOIDED: readonly (readonly [string, (key: string) => Promise<unknown>])[] = [
      ['removed the key', async (key) => layer.remove(key)],
      ['expired it', async (key) => layer.expire(key)],
      ['wrote it', async (key) => layer.store(key, value('written'), 'write')],
      ['began to write it', (key) => other.begin(key)],
      [
        'wrote it and ended',
        async (key) => other.end(key, { intent: await other.begin(key), entry: value('saved'), isAlone: true }),
      ],
      ['deleted it by hand', (key) => raw('DEL', key)],
      ['set it by hand', (key) => raw('SET', key, 'foreign')],
      ['let it run out', (key) => raw('PEXPIRE', key, 1).then(() => pause(20))],
    ];

    it.each(VOIDED)('is void once somebody %s', async (_what, change) => {
      const key = newKey();
      const lease = await leased(key);
      await change(key);
      const before = await raw('GET', key);
      expect(await fence.renew(lease)).toBe(false);
      expect(await fence.fill(lease, value('late'))).toBe(false);
      expect(await raw('GET', key)).toEqual(before);
    });

    it.each(VOIDED)('on what is there already is void as well once somebody %s', async (_what, change) => {
      const key = newKey();
      await layer.store(key, value('old'), 'write');
      await layer.expire(key);
      const lease = await leased(key);
      await change(key);
      expect(await fence.fill(lease, value('late'))).toBe(false);
      expect(await kept(key)).not.toBe('late');
    });

    it('on what was removed remembers what it was, and its fill is above it', async () => {
      const key = newKey();
      await layer.store(key, value('old', 7n), 'write');
      await layer.remove(key);
      const stored = (await layer.read(key))?.version.assigned ?? NaN;
      const lease = await leased(key);
      expect(lease.assigned).toBeGreaterThan(stored);
      expect(await fence.fill(lease, value('lagging', 6n))).toBe(false);
      expect(await kept(key)).toBeUndefined();
      expect(await fence.fill(await leased(key), value('new', 8n))).toBe(true);
      expect(await kept(key)).toBe('new');
    });

    it('that ends is the next one’s, and its fill comes too late', async () => {
      const key = newKey();
      const lease = await leased(key);
      await raw('SETRANGE', key, MUTABLE.leaseUntil, '\0\0\0\0\0\0\0\x01');
      const next = await leased(key, other);
      expect(await fence.fill(lease, value('late'))).toBe(false);
      expect(await other.fill(next, value('in time'))).toBe(true);
      expect(await kept(key)).toBe('in time');
    });

    it('stays as long as it is renewed, and the key with it', async () => {
      const key = newKey();
      const lease = await leased(key);
      await raw('PEXPIRE', key, 50);
      expect(await fence.renew(lease)).toBe(true);
      await pause(80);
      expect(await other.claim(key)).toMatchObject({ kind: 'busy' });
    });

    it('ends with the key where nobody renews it', async () => {
      const key = newKey();
      await leased(key);
      expect(Number(await raw('PTTL', key))).toBeGreaterThan(LEASE_MS / 2);
      expect(Number(await raw('PTTL', key))).toBeLessThanOrEqual(LEASE_MS);
    });

    it('given back is free at once', async () => {
      const key = newKey();
      await fence.yield(await leased(key), 'failed');
      expect(await raw('EXISTS', key)).toBe(0);
      await leased(key, other);
    });

    it.each(['stored', 'failed', 'unfilled'] as const)('tells that its load %s, if somebody waits', async (what) => {
      const [quiet, awaited] = [newKey(), newKey()];
      for (const key of [quiet, awaited]) {
        const lease = await leased(key);
        if (key === awaited) await other.claim(key);
        if (what === 'stored') await fence.fill(lease, value('x'));
        else await fence.yield(lease, what);
      }
      await eventually('it is told', () => news.includes(`${awaited} ${what}`));
      expect(news.filter((one) => one.startsWith(`${quiet} `))).toEqual([]);
    });

    it('is taken where bytes lie that nobody can read, and where a list does', async () => {
      const [damaged, list] = [newKey(), newKey()];
      await layer.store(damaged, value('whole'), 'write');
      await raw('SETRANGE', damaged, MUTABLE.end + 40, 'x');
      await raw('RPUSH', list, 'x');
      for (const key of [damaged, list]) {
        expect(await fence.fill(await leased(key), value('sound'))).toBe(true);
        expect(await kept(key)).toBe('sound');
      }
    });

    it('and a write end no later than any may, where the clock of the server went back', async () => {
      const [leasedKey, written] = [newKey(), newKey()];
      await leased(leasedKey);
      await other.begin(written);
      const ahead = Buffer.alloc(8);
      ahead.writeBigUInt64BE(BigInt(Math.floor(clock.now()) + 600_000));
      await connections.data.call('SETRANGE', prefix + leasedKey, MUTABLE.leaseUntil, ahead);
      await connections.data.call('SETRANGE', prefix + written, MUTABLE.intentsUntil, ahead);
      await leased(leasedKey, other);
      await leased(written, other);
    });

    it('of many keys at once is each one’s own', async () => {
      const keys = Array.from({ length: 120 }, newKey);
      await Promise.all(
        keys.filter((_key, at) => at % 3 === 1).map(async (key) => layer.store(key, value(key), 'write')),
      );
      await Promise.all(keys.filter((_key, at) => at % 3 === 2).map((key) => other.claim(key)));
      const claims = await Promise.all(keys.map((key) => fence.claim(key)));
      expect(claims.map(({ kind }) => kind)).toEqual(keys.map((_key, at) => ['mine', 'found', 'busy'][at % 3]));
      for (const [at, claim] of claims.entries()) if (claim.kind === 'found') expect(claim.entry.value).toBe(keys[at]);
    });
  });

  describe('a write', () => {
    const save = async (key: string, by: Fence, of: unknown, source?: bigint) => {
      const intent = await by.begin(key);
      return { end: (isAlone = true) => by.end(key, { intent, entry: value(of, source), isAlone }) };
    };

    it('alone keeps its value', async () => {
      const key = newKey();
      await layer.store(key, value('old'), 'write');
      const write = await save(key, fence, 'new');
      expect(await kept(key)).toBeUndefined();
      expect(await write.end()).toBe('stored');
      expect(await kept(key)).toBe('new');
      await leased(newKey());
      expect(await other.claim(key)).toMatchObject({ kind: 'found' });
    });

    it('under way leaves nothing to serve, not even as stale', async () => {
      const key = newKey();
      const now = Math.floor(clock.now());
      await layer.store(key, { ...value('old'), freshUntil: now + 30_000, staleUntil: now + 60_000 }, 'write');
      await fence.begin(key);
      expect(await layer.read(key)).toBeUndefined();
    });

    it('beside another one keeps a value that is served no longer than the other may take', async () => {
      const key = newKey();
      const now = Math.floor(clock.now());
      const long = { freshUntil: now + 30_000, staleUntil: now + 60_000 };
      await layer.store(key, { ...value('old'), ...long }, 'write');
      const first = await fence.begin(key);
      const second = await other.begin(key);
      const entry = { ...value('new', 5n), ...long };
      expect(await fence.end(key, { intent: first, entry, isAlone: true })).toBe('stored');
      const found = await layer.read(key);
      expect(found).toMatchObject({ kind: 'value', value: 'new' });
      expect(found?.staleUntil).toBe(found?.freshUntil);
      expect(found?.staleUntil).toBeLessThanOrEqual(second.until);
      const third = newKey();
      const open = await fence.begin(third);
      await layer.store(
        third,
        { ...value('set'), ...long, version: { source: undefined, assigned: open.until * 1_000 } },
        'write',
      );
      expect((await layer.read(third))?.staleUntil ?? 0).toBeLessThanOrEqual(open.until);
    });

    it('under way lets nobody keep anything', async () => {
      const key = newKey();
      const write = await save(key, other, 'new');
      expect(await fence.claim(key)).toEqual({ kind: 'closed' });
      await write.end();
      expect(await kept(key)).toBe('new');
    });

    it.each([true, false])(
      'beside another leaves the key empty (the first to begin ends first: %s)',
      async (inOrder) => {
        const key = newKey();
        const writes = [await save(key, fence, 'one'), await save(key, other, 'two')];
        if (!inOrder) writes.reverse();
        expect([await writes[0]?.end(), await writes[1]?.end()]).toEqual(['removed', 'removed']);
        expect(await kept(key)).toBeUndefined();
        expect(await fence.fill(await leased(key), value('loaded'))).toBe(true);
      },
    );

    it.each([
      ['the newer', 'stored', 'older'],
      ['the older', 'stored', 'stored'],
    ] as const)('beside another is placed by the source (%s ends first)', async (first, one, two) => {
      const key = newKey();
      const writes = [await save(key, fence, 'two', 2n), await save(key, other, 'one', 1n)];
      if (first === 'the older') writes.reverse();
      expect([await writes[0]?.end(), await writes[1]?.end()]).toEqual([one, two]);
      expect(await kept(key)).toBe('two');
    });

    it('beside another that never ends is fresh no longer than that one may take', async () => {
      const key = newKey();
      const write = await save(key, fence, 'kept', 2n);
      await other.begin(key);
      expect(await write.end()).toBe('stored');
      const entry = await layer.read(key);
      expect(entry?.freshUntil).toBeLessThanOrEqual(clock.now() + SAVE_MS + 1_000);
      expect(await kept(key)).toBe('kept');
    });

    it('beside another of the same version leaves the key empty, whoever ends first', async () => {
      for (const inOrder of [true, false]) {
        const key = newKey();
        const writes = [await save(key, fence, 'one', 7n), await save(key, other, 'two', 7n)];
        if (!inOrder) writes.reverse();
        expect([await writes[0]?.end(), await writes[1]?.end()]).toEqual(['stored', 'removed']);
        expect(await kept(key)).toBeUndefined();
        await leased(key);
      }
    });

    it('alone keeps its value also where its version is what is there already', async () => {
      const key = newKey();
      await (await save(key, fence, 'one', 7n)).end();
      expect(await (await save(key, other, 'two', 7n)).end()).toBe('stored');
      expect(await kept(key)).toBe('two');
    });

    it('that never ends lets no value that is set beside it be fresh longer than it may take', async () => {
      const key = newKey();
      const intent = await other.begin(key);
      expect(await layer.store(key, value('set'), 'write')).toBe('stored');
      const entry = await layer.read(key);
      expect(entry?.freshUntil).toBeLessThanOrEqual(clock.now() + SAVE_MS + 1_000);
      expect(await kept(key)).toBe('set');
      expect(await other.end(key, { intent, entry: value('saved', 9n), isAlone: true })).toBe('removed');
      await leased(key);
    });

    it('leaves a value that is set beside it as fresh as it is where that is shorter', async () => {
      const key = newKey();
      await other.begin(key);
      const soon = Math.floor(clock.now()) + 3_000;
      await layer.store(key, { ...value('set'), freshUntil: soon, staleUntil: soon }, 'write');
      expect((await layer.read(key))?.freshUntil).toBe(soon);
    });

    it('without a version beside one with a version leaves the key empty', async () => {
      const key = newKey();
      const [plain, versioned] = [await save(key, fence, 'plain'), await save(key, other, 'versioned', 1n)];
      expect(await plain.end()).toBe('removed');
      await versioned.end();
      expect(await kept(key)).not.toBe('plain');
    });

    it('that this process knows not to be alone needs a version', async () => {
      const [plain, versioned] = [newKey(), newKey()];
      expect(await (await save(plain, fence, 'x')).end(false)).toBe('removed');
      expect(await (await save(versioned, fence, 'x', 1n)).end(false)).toBe('stored');
    });

    it.each([
      ['a removal', async (key: string) => layer.remove(key)],
      ['an expiry', async (key: string) => layer.expire(key)],
      ['a DEL by hand', (key: string) => raw('DEL', key)],
      ['a value set meanwhile', async (key: string) => layer.store(key, value('set', 9n), 'write')],
      [
        'a write that only removes',
        async (key: string) => other.end(key, { intent: await other.begin(key), entry: undefined, isAlone: true }),
      ],
    ])('keeps nothing after %s, whatever its version', async (_what, change) => {
      const key = newKey();
      await layer.store(key, value('old', 1n), 'write');
      const write = await save(key, fence, 'new', 10n);
      await change(key);
      expect(await write.end()).toBe('removed');
      expect(await kept(key)).toBeUndefined();
    });

    it('keeps nothing beside one that began since a DEL by hand, or since a removal', async () => {
      const [deleted, removed] = [newKey(), newKey()];
      const writes = [await save(deleted, fence, 'new'), await save(removed, fence, 'new', 1n)];
      await raw('DEL', deleted);
      await layer.remove(removed);
      await save(deleted, other, 'newer');
      await save(removed, other, 'newer', 2n);
      expect([await writes[0]?.end(), await writes[1]?.end()]).toEqual(['removed', 'removed']);
    });

    it('that lapsed keeps nothing, and closes the key no more', async () => {
      const key = newKey();
      const write = await save(key, fence, 'late', 1n);
      await raw('SETRANGE', key, MUTABLE.intentsUntil, '\0\0\0\0\0\0\0\x01');
      const lease = await leased(key);
      expect(await fence.fill(lease, value('loaded'))).toBe(true);
      expect(await write.end()).toBe('removed');
      expect(await kept(key)).toBeUndefined();
    });

    it('that nobody confirmed removes the value, and ends no other', async () => {
      const key = newKey();
      const write = await save(key, other, 'new', 1n);
      expect(await fence.end(key, { intent: undefined, entry: undefined, isAlone: true })).toBe('removed');
      expect(await fence.claim(key)).toEqual({ kind: 'closed' });
      expect(await write.end()).toBe('removed');
      await leased(key);
    });

    it('of twenty at once closes the key until the last has ended', async () => {
      const key = newKey();
      const writes = await Promise.all(
        Array.from({ length: 20 }, (_none, at) => save(key, at % 2 === 0 ? fence : other, at)),
      );
      for (const write of writes) {
        expect(await fence.claim(key)).toEqual({ kind: 'closed' });
        expect(await write.end()).toBe('removed');
      }
      await leased(key);
    });
  });
});
