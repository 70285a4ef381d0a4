import { Injectable } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CacheAside,
  CacheEvents,
  CacheService,
  defineKey,
  Evict,
  ReadThrough,
  WriteThrough,
  type CacheEvent,
  type CacheEventType,
} from '@datapunk/cache';
import { backend, SERVICE } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually } from '../../support/redis/wait.js';

/** How soon one application sees what another has changed. */
const SOON_MS = 2_000;

/** The database that both applications work on. */
const rows = new Map<number, string>();
beforeEach(() => rows.clear());

const townKey = defineKey('town:{id}').holds<string | null>();
const rowKey = defineKey('row:{id}').holds<{ version: number; text: string }>({ version: ({ version }) => version });

@Injectable()
class Towns {
  loads = 0;
  hold: Promise<unknown> = Promise.resolve();

  @ReadThrough(townKey)
  async find(id: number): Promise<string | null> {
    this.loads += 1;
    const row = rows.get(id) ?? null;
    await this.hold;
    return row;
  }

  @WriteThrough(townKey, { value: '1' })
  async rename(id: number, name: string): Promise<void> {
    rows.set(id, name);
  }

  @CacheAside(townKey)
  async recount(id: number): Promise<string> {
    rows.set(id, 'new');
    return 'new';
  }

  @Evict(townKey)
  async raze(id: number): Promise<void> {
    rows.set(id, 'new');
  }

  @Evict(townKey, { mode: 'expire' })
  async touch(id: number): Promise<void> {
    rows.set(id, 'new');
  }
}

async function application() {
  const app = await boot([Towns]);
  const told: CacheEvent[] = [];
  for (const type of ['hit', 'stored', 'not-stored'] satisfies CacheEventType[]) {
    app.get(CacheEvents).on(type, (event) => told.push(event));
  }
  const layers = () => told.flatMap((event) => (event.type === 'hit' ? [event.layer] : []));
  return { towns: app.get(Towns), cache: app.get(CacheService), told, layers };
}

type Application = Awaited<ReturnType<typeof application>>;

const pair = async () => [await application(), await application()] as const;

/** Waits until Redis has taken or refused what this application loaded or wrote. */
function kept({ told }: Application) {
  return eventually('the value is kept or refused', () => told.find(({ type }) => type !== 'hit'));
}

/** Every way to change a key, and how many loads both applications need to see it. */
const CHANGES: readonly (readonly [string, (by: Application) => Promise<unknown>, number])[] = [
  ['set', ({ cache }) => cache.set('town:1', 'new'), 0],
  ['writeThrough', ({ cache }) => cache.writeThrough('town:1', 'new', async () => void rows.set(1, 'new')), 0],
  ['cacheAside', ({ cache }) => cache.cacheAside('town:1', async () => 'new'), 0],
  ['@WriteThrough', ({ towns }) => towns.rename(1, 'new'), 0],
  ['@CacheAside', ({ towns }) => towns.recount(1), 0],
  ['delete', ({ cache }) => cache.delete('town:1'), 1],
  ['expire', ({ cache }) => cache.expire('town:1'), 1],
  ['@Evict', ({ towns }) => towns.raze(1), 1],
  ['@Evict with expire', ({ towns }) => towns.touch(1), 1],
];

describe('two applications on one Redis', () => {
  it('load once: what one has read, the other finds in Redis', async () => {
    const [one, two] = await pair();
    rows.set(1, 'old');
    expect(await one.towns.find(1)).toBe('old');
    await kept(one);
    expect(await two.towns.find(1)).toBe('old');
    expect(await two.towns.find(1)).toBe('old');
    expect([one.towns.loads, two.towns.loads]).toEqual([1, 0]);
    expect(two.layers()).toEqual(['shared', backend === 'cold' ? 'shared' : 'hot']);
  });

  it.each(CHANGES)('a %s in one is soon seen by the other', async (_, change, loads) => {
    const [one, two] = await pair();
    rows.set(1, 'old');
    await one.towns.find(1);
    await kept(one);
    expect([await two.towns.find(1), await two.towns.find(1)]).toEqual(['old', 'old']);
    rows.set(1, 'new');
    one.told.length = 0;
    await change(one);
    expect(await one.towns.find(1)).toBe('new');
    await kept(one);
    await eventually('the other sees it', async () => (await two.towns.find(1)) === 'new', SOON_MS);
    expect(await two.towns.find(1)).toBe('new');
    expect(one.towns.loads + two.towns.loads).toBe(1 + loads);
  });

  it.each(CHANGES)('a load is not kept when a %s in the other came meanwhile', async (_, change) => {
    const [one, two] = await pair();
    rows.set(1, 'old');
    const held = gate();
    two.towns.hold = held.promise;
    const late = two.towns.find(1);
    await eventually('the load runs', () => two.towns.loads === 1);
    rows.set(1, 'new');
    await change(one);
    held.open();
    expect(await late).toBe('old');
    expect(await kept(two)).toMatchObject({ type: 'not-stored', reason: expect.stringMatching(/older|invalidated/) });
    for (const { cache } of [one, two]) expect(await cache.get('town:1')).not.toBe('old');
    for (const { towns } of [one, two]) expect(await towns.find(1)).toBe('new');
  });

  it('keep nothing older of two writes that overlap, in whichever order they end', async () => {
    const [one, two] = await pair();
    const [first, second] = [gate(), gate()];
    const begun: string[] = [];
    const save = (name: string, held: Promise<void>) => async () => {
      begun.push(name);
      await held;
      rows.set(1, name);
    };
    const writes = [
      one.cache.writeThrough('town:1', 'older', save('older', first.promise)),
      two.cache.writeThrough('town:1', 'newer', save('newer', second.promise)),
    ];
    await eventually('both save', () => begun.length === 2);
    first.open();
    await writes[0];
    second.open();
    await writes[1];
    for (const { towns } of [one, two]) {
      await eventually('the newer is seen', async () => (await towns.find(1)) === 'newer', SOON_MS);
    }
  });

  it('let a source version decide, whichever application writes last', async () => {
    const [one, two] = await pair();
    const key = rowKey({ id: 1 });
    await one.cache.set(key, { version: 2, text: 'new' });
    await two.cache.set(key, { version: 1, text: 'old' });
    for (const { cache } of [one, two]) expect(await cache.get(key)).toEqual({ version: 2, text: 'new' });
    await one.cache.delete(key);
    await two.cache.set(key, { version: 1, text: 'older than what was deleted' });
    for (const { cache } of [one, two]) expect(await cache.get(key)).toBeUndefined();
    await two.cache.set(key, { version: 3, text: 'newer' });
    await eventually('it is seen', async () => (await one.cache.get(key))?.text === 'newer', SOON_MS);
  });

  it('are told apart by their service', async () => {
    const [one, other] = [await application(), (await boot([], { service: `${SERVICE}-other` })).get(CacheService)];
    await one.cache.set('town:1', 'ours');
    expect(await other.get('town:1')).toBeUndefined();
    await other.delete('town:1');
    expect(await one.cache.get('town:1')).toBe('ours');
  });
});
