import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CacheEvent } from '@datapunk/cache';
import { Fleet } from '../../../libs/cache/src/core/cache/fleet.js';
import { Attendance } from '../../../libs/cache/src/core/coherence/attendance.js';
import { LoopBack } from '../../../libs/cache/src/core/coherence/loop-back.js';
import { Outbox } from '../../../libs/cache/src/core/coherence/outbox.js';
import { twoProcesses, type TwoProcesses } from '../../faults/coherence/two-processes.js';
import { clientKill } from '../../faults/kit/servers.js';
import { eventually, pause } from '../../support/redis/wait.js';

/** After that everything is noticed that can be: three beats, the grace, and what a busy machine adds. */
const NOTICED_MS = 4_500;

afterEach(() => void vi.restoreAllMocks());

type Pair = TwoProcesses & { readonly gaps: readonly CacheEvent[] };

/** The reader has in memory what the writer has written. */
async function agreeing(keys: readonly string[] = ['page:1']): Promise<Pair> {
  const pair = await twoProcesses();
  const gaps: CacheEvent[] = [];
  pair.events.on('gap', (gap) => gaps.push(gap));
  await Promise.all(keys.map((key) => pair.writer.set(key, 'old')));
  await Promise.all(keys.map((key) => pair.reader.get(key)));
  for (const key of keys) {
    await eventually(`${key} is in memory`, async () => (await pair.read(key))[1] === 'hot');
  }
  return { ...pair, gaps };
}

/** Knows of the writer where its numbers start, so that it can miss one. */
async function attending(): Promise<Pair> {
  const placed = vi.spyOn(Attendance.prototype, 'beat');
  const pair = await agreeing();
  await eventually('the writer has beaten', () => placed.mock.calls.length > 0);
  placed.mockRestore();
  // What was kept until then is doubted once.
  await pause(100);
  await pair.reader.get('page:1');
  return pair;
}

/** How often the server was asked what, since the last time. */
async function asked({ server }: TwoProcesses): Promise<Readonly<Record<'get' | 'mget' | 'getrange', number>>> {
  const stats = String(await server.call('INFO', 'commandstats'));
  await server.call('CONFIG', 'RESETSTAT');
  const of = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  return { get: of('get'), mget: of('mget'), getrange: of('getrange') };
}

const NOTHING = { get: 0, mget: 0, getrange: 0 };

/** The reader does not get the next notice. */
function loseOne(): void {
  vi.spyOn(Fleet.prototype, 'heard').mockImplementationOnce(() => undefined);
  vi.spyOn(Attendance.prototype, 'heard').mockImplementationOnce(() => undefined);
}

describe('a notice that is lost', () => {
  it('is missed at the next beat, and what it told of is read anew', async () => {
    const { writer, read, gaps } = await attending();
    loseOne();
    await writer.set('page:1', 'new');
    await eventually('the loss is noticed', () => gaps.length > 0, NOTICED_MS);
    expect([await read('page:1'), await read('page:1')]).toEqual([
      ['new', 'shared'],
      ['new', 'hot'],
    ]);
    expect(gaps).toEqual([{ type: 'gap', cause: 'lost', publisher: expect.any(String) }]);
  });

  it('would not be, did nobody count (control)', async () => {
    const { writer, read } = await attending();
    vi.spyOn(Fleet.prototype, 'doubts').mockReturnValue(undefined);
    loseOne();
    await writer.set('page:1', 'new');
    await pause(NOTICED_MS);
    expect(await read('page:1')).toEqual(['old', 'hot']);
  });

  it('costs every value in memory a look at its header, once, and all of a moment travel together', async () => {
    const keys = Array.from({ length: 100 }, (_, at) => `page:${at}`);
    const pair = await agreeing(keys);
    await pair.server.call('PUBLISH', 'coord:pair:bus', '1 rogue 1 expire 1 app:pair:other:1');
    await pair.server.call('PUBLISH', 'coord:pair:bus', '1 rogue 3 expire 1 app:pair:other:1');
    await pair.server.call('PUBLISH', 'coord:pair:bus', '1 rogue 4 expire 1 app:pair:other:1');
    await pair.server.call('PUBLISH', 'coord:pair:bus', '1 beat rogue 0 10 4 4 last');
    // Where the reader hears for too short a time to know where that one starts, it doubts all without a gap.
    await pause(600);
    await asked(pair);
    await Promise.all(keys.map((key) => pair.reader.get(key)));
    expect(await asked(pair)).toEqual({ ...NOTHING, getrange: 100 });
    await Promise.all(keys.map((key) => pair.reader.get(key)));
    expect(await asked(pair)).toEqual(NOTHING);
    expect(await pair.read('page:7')).toEqual(['old', 'hot']);
  });
});

describe('where nothing is lost', () => {
  it.each([
    [
      'are refused',
      async ({ server }: Pair) => server.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1mb'),
    ],
    ['wait too long', async ({ server }: Pair) => server.call('CLIENT', 'PAUSE', 1_500, 'WRITE')],
  ])('writes that %s make no gap', async (_, strike) => {
    const pair = await attending();
    await strike(pair);
    const failed = await Promise.allSettled(
      Array.from({ length: 20 }, (_one, at) => pair.writer.set(`page:${at}`, 'x')),
    );
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await pair.server.call('CONFIG', 'SET', 'maxmemory', '0');
    await pause(NOTICED_MS);
    expect(pair.gaps).toEqual([]);
    await eventually('nothing is served that may have changed', async () => (await pair.read('page:1'))[0] !== 'old');
  });

  it('writes that are refused would, were they not told of again (control)', async () => {
    const pair = await attending();
    vi.spyOn(Outbox.prototype, 'void').mockImplementation(function (this: Outbox, number) {
      this.settle(number);
    });
    await pair.server.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1mb');
    await Promise.allSettled([pair.writer.set('page:2', 'x')]);
    await eventually('a gap', () => pair.gaps.length > 0, NOTICED_MS);
  });

  it('a process that ends makes none', async () => {
    const pair = await attending();
    await pair.writer.delete('page:1');
    await pair.stopWriter();
    await pause(NOTICED_MS);
    expect(pair.gaps).toEqual([]);
  });

  it('a thousand notices of values in memory cause no read', async () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `page:${at}`);
    const pair = await agreeing(keys);
    await asked(pair);
    for (const [at, key] of keys.entries()) {
      await pair.server.call('PUBLISH', 'coord:pair:bus', `1 rogue ${at + 1} delete 1 app:pair:${key}`);
    }
    await pause(100);
    expect(await asked(pair)).toEqual(NOTHING);
    expect((await pair.read('page:999'))[1]).toBe('shared');
  });
});

describe('a subscription that ends', () => {
  it('leaves what is true in memory, after a look at it', async () => {
    const pair = await agreeing();
    const heard = pair.bused.length;
    await clientKill(pair.server, 'pubsub');
    await eventually('the reader hears again', () => pair.bused.length > heard && pair.bused.at(-1) === 'bus-ready');
    await asked(pair);
    expect([await pair.read('page:1'), await pair.read('page:1')]).toEqual([
      ['old', 'hot'],
      ['old', 'hot'],
    ]);
    expect(await asked(pair)).toEqual({ ...NOTHING, getrange: 1 });
  });

  it('that delivers nothing is given up, though it answers', async () => {
    const pair = await agreeing();
    const heard = pair.bused.length;
    vi.spyOn(LoopBack.prototype, 'came').mockReturnValue(undefined);
    await eventually('the reader takes another', () => pair.bused.length > heard);
    vi.restoreAllMocks();
    await eventually('the reader hears again', () => pair.bused.at(-1) === 'bus-ready');
    expect(pair.gaps.filter((gap) => gap.type === 'gap' && gap.cause === 'unheard')).toHaveLength(1);
    expect(await pair.read('page:1')).toEqual(['old', 'hot']);
  });
});
