import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CacheService } from '@datapunk/cache';
import { TagDebts } from '../../../libs/cache/src/core/tags/tag-debts.js';
import { eventually } from '../../support/redis/wait.js';
import { halfOpen } from '../kit/conditions.js';
import { twoProcesses } from './two-processes.js';

const ways: readonly (readonly [name: string, invalidate: (cache: CacheService) => Promise<void>])[] = [
  ['tags', (cache) => cache.invalidateTags(['pages'])],
  ['tags, expired', (cache) => cache.invalidateTags(['pages'], { mode: 'expire' })],
  ['a clear', (cache) => cache.clear()],
];

afterEach(() => void vi.restoreAllMocks());

/** A process invalidates what Redis is not told of, because its requests are lost. What it and another read then. */
async function invalidatedInVain(invalidate: (cache: CacheService) => Promise<void>) {
  const { reader: cut, writer: other, proxy } = await twoProcesses();
  const read = (cache: CacheService, value: string) =>
    cache.readThrough('page:1', async () => value, { tags: ['pages'], ttl: '1h' });
  await read(other, 'old');
  expect(await read(cut, 'new')).toBe('old');
  proxy.set(halfOpen('toServer'));
  await invalidate(cut);
  const meanwhile = await read(cut, 'new');
  const { owed } = cut.recovery();
  // What was held on its way is lost with its connections.
  proxy.reset();
  proxy.clear();
  await eventually('nothing is owed', () => cut.recovery().owed === 0);
  await sleep(300);
  return { meanwhile, owed, later: await read(other, 'new') };
}

describe('an invalidation of many that Redis did not hear', () => {
  it.each(ways)('holds at once for whoever asked for it, and later for all: %s', async (_, invalidate) => {
    expect(await invalidatedInVain(invalidate)).toEqual({ meanwhile: 'new', owed: 1, later: 'new' });
  });

  it.each(ways)('would never hold without a debt (control): %s', async (_, invalidate) => {
    vi.spyOn(TagDebts.prototype, 'owe').mockReturnValue(true);
    expect(await invalidatedInVain(invalidate)).toMatchObject({ owed: 0, later: 'old' });
  });
});
