import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Notices } from '../../../libs/cache/src/core/coherence/notices.js';
import { gate } from '../../support/gate.js';
import { eventually } from '../../support/redis/wait.js';
import { twoProcesses } from './two-processes.js';

const TTL_MS = 60;
const LIVES = { ttl: TTL_MS, staleFor: '1h' } as const;
const SOFT_MS = 1_500;

interface Case {
  readonly name: string;
  readonly options: object;
  /** How long the load takes once the delete is known. */
  readonly heldMs: number;
  readonly answer: () => Promise<string>;
  readonly expected: string;
}

const CASES: readonly Case[] = [
  {
    name: 'the load fails',
    options: {},
    heldMs: 0,
    answer: () => Promise.reject(new Error('the source is down')),
    expected: 'refused',
  },
  {
    name: 'the load takes longer than its callers wait',
    options: { loadTimeout: { soft: SOFT_MS } },
    heldMs: 2 * SOFT_MS,
    answer: async () => 'new',
    expected: 'new',
  },
];

afterEach(() => void vi.restoreAllMocks());

/** A process loads what is stale, another deletes it, and the first has heard of that. What its caller gets then. */
async function deletedMeanwhile({ options, heldMs, answer }: Case): Promise<unknown> {
  const { writer, reader } = await twoProcesses();
  await writer.readThrough('news:1', async () => 'old', LIVES);
  await writer.set('probe:1', 'there');
  expect(await reader.get('probe:1')).toBe('there');
  // `ttl` is spread by ±10 %.
  await sleep(TTL_MS * 1.1 + 10);
  const hold = gate();
  let loads = 0;
  const load = async () => {
    loads += 1;
    await hold.promise;
    return answer();
  };
  const reading = reader.readThrough('news:1', load, { ...LIVES, ...options }).catch(() => 'refused');
  await eventually('it loads', () => loads === 1);
  await writer.delete('news:1', 'probe:1');
  await eventually('it is told', async () => (await reader.get('probe:1')) === undefined);
  await sleep(heldMs);
  hold.open();
  return reading;
}

describe('a stale value that another process deletes while it is loaded', () => {
  it.each(CASES)('is not served where $name', async (one) => {
    expect(await deletedMeanwhile(one)).toBe(one.expected);
  });

  it.each(CASES)('would be without the rule of positions where $name (control)', async (one) => {
    vi.spyOn(Notices.prototype, 'admits').mockReturnValue(true);
    expect(await deletedMeanwhile(one)).toBe('old');
  });
});
