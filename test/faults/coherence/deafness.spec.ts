import { afterEach, describe, expect, it, vi } from 'vitest';
import { Notices } from '../../../libs/cache/src/core/coherence/notices.js';
import { eventually } from '../../support/redis/wait.js';
import { blackHole } from '../kit/conditions.js';
import { twoProcesses, type TwoProcesses } from './two-processes.js';

afterEach(() => void vi.restoreAllMocks());

/** The reader's subscription ends, and no other comes about until the proxy is cleared. */
async function deafened({ proxy, data, bus, bused }: TwoProcesses): Promise<void> {
  proxy.set(blackHole);
  data.set({});
  bus.reset();
  await eventually('the reader is deaf', () => bused.at(-1) === 'bus-lost');
}

describe('a process that cannot hear the others', () => {
  it('serves what it has for a while and keeps nothing new; what it missed is noticed when it hears again', async () => {
    const pair = await twoProcesses();
    const { writer, read, proxy, bused } = pair;
    await writer.set('page:1', 'old');
    await eventually('it is kept in memory', async () => (await read('page:1'))[1] === 'hot');
    await deafened(pair);
    await writer.set('page:1', 'new');
    await writer.set('page:2', 'other');
    expect([await read('page:1'), await read('page:2'), await read('page:2')]).toEqual([
      ['old', 'hot'],
      ['other', 'shared'],
      ['other', 'shared'],
    ]);
    proxy.clear();
    await eventually('the reader hears', () => bused.at(-1) === 'bus-ready');
    expect([await read('page:1'), await read('page:1')]).toEqual([
      ['new', 'shared'],
      ['new', 'hot'],
    ]);
    await writer.set('page:1', 'newest');
    const isKept = async () => (await read('page:1')).join(' ') === 'newest hot';
    await eventually('what is told now is heard, and kept in memory again', isKept);
  });

  it('would go on serving what it had (control)', async () => {
    const pair = await twoProcesses();
    const { writer, read } = pair;
    vi.spyOn(Notices.prototype, 'deafen').mockReturnValue(undefined);
    vi.spyOn(Notices.prototype, 'keeps').mockReturnValue(true);
    await deafened(pair);
    await writer.set('page:1', 'old');
    await read('page:1');
    await writer.set('page:1', 'new');
    expect(await read('page:1')).toEqual(['old', 'hot']);
  });
});
