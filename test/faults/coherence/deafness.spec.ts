import { afterEach, describe, expect, it, vi } from 'vitest';
import { Notices } from '../../../libs/cache/src/core/coherence/notices.js';
import { eventually } from '../../support/redis/wait.js';
import { blackHole } from '../kit/conditions.js';
import { clientKill } from '../kit/servers.js';
import { twoProcesses, type TwoProcesses } from './two-processes.js';

afterEach(() => void vi.restoreAllMocks());

/** The reader's subscription ends, and no other comes about until the proxy is cleared. */
async function deafened({ server, proxy, data, bused }: TwoProcesses): Promise<void> {
  proxy.set(blackHole);
  data.set({});
  await clientKill(server, 'pubsub');
  await eventually('the reader is deaf', () => bused.at(-1) === 'bus-lost');
}

describe('a process that cannot hear the others', () => {
  it('gives up what it has in memory, and keeps nothing until it hears again', async () => {
    const pair = await twoProcesses();
    const { writer, read, proxy, bused } = pair;
    await writer.set('page:1', 'old');
    await eventually('it is kept in memory', async () => (await read('page:1'))[1] === 'hot');
    await deafened(pair);
    await writer.set('page:1', 'new');
    expect([await read('page:1'), await read('page:1')]).toEqual([
      ['new', 'shared'],
      ['new', 'shared'],
    ]);
    proxy.clear();
    await eventually('the reader hears', () => bused.at(-1) === 'bus-ready');
    await writer.set('page:1', 'newest');
    await eventually('it is kept in memory again', async () => (await read('page:1'))[1] === 'hot');
    expect(await read('page:1')).toEqual(['newest', 'hot']);
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
