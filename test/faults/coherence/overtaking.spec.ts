import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Notices } from '../../../libs/cache/src/core/coherence/notices.js';
import { halfOpen } from '../kit/conditions.js';
import { twoProcesses } from './two-processes.js';

const ROUNDS = 5;

afterEach(() => void vi.restoreAllMocks());

/** A value is asked for, replaced, and its notice arrives before it does. What the reader then has in memory. */
async function overtaken(): Promise<unknown[]> {
  const { writer, data, read } = await twoProcesses();
  const found: unknown[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const key = `page:${round}`;
    await writer.set(key, 'old');
    data.set(halfOpen('toClient'));
    const slow = read(key);
    // The server has answered by then; the answer is held.
    await sleep(100);
    await writer.set(key, 'new');
    data.set(undefined);
    expect(await slow).toEqual(['old', 'shared']);
    found.push(await read(key));
  }
  return found;
}

describe('a notice that overtakes the reply', () => {
  it('leaves nothing stale in memory', async () => {
    expect(await overtaken()).toEqual(Array.from({ length: ROUNDS }, () => ['new', 'shared']));
  });

  it('would without the rule of positions (control)', async () => {
    vi.spyOn(Notices.prototype, 'keeps').mockReturnValue(true);
    expect(await overtaken()).toEqual(Array.from({ length: ROUNDS }, () => ['old', 'hot']));
  });
});
