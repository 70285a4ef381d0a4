import type { CacheService } from '@datapunk/cache';
import type { Row, Source } from './source.js';

export interface Call {
  readonly cache: CacheService;
  readonly key: string;
  readonly source: Source;
}

/** One kind of call. */
export interface Operation {
  readonly name: string;
  /** How often it comes beside the others. */
  readonly share: number;
  /** What it may take at most, ms. */
  readonly limitMs: number;
  readonly run: (call: Call) => Promise<Row | undefined>;
}

/** The shared layer's second, as `Fleet` has it. */
export const SHARED_MS = 1_000;
/** What a save waits until others know of it. */
const TELLING_MS = 100;
/** What an update waits for its turn. */
const TURN_MS = 5_000;

/** What callers do: mostly read. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'read',
    share: 0.55,
    // A late word that another process loads, a while of waiting for that, and one more question.
    limitMs: 2 * SHARED_MS,
    run: ({ cache, key, source }) => cache.readThrough<Row, Row>(key, async () => source.row(key)),
  },
  {
    name: 'get',
    share: 0.2,
    limitMs: SHARED_MS,
    run: async ({ cache, key }) => (await cache.get<Row>(key)) ?? undefined,
  },
  {
    name: 'write',
    share: 0.1,
    limitMs: SHARED_MS + TELLING_MS,
    run: ({ cache, key, source }) =>
      cache.writeThrough<Row, Row>(key, { key, revision: 0 }, async () => source.change(key)),
  },
  {
    name: 'update',
    share: 0.05,
    limitMs: SHARED_MS + TELLING_MS + TURN_MS,
    run: ({ cache, key, source }) => cache.cacheAside<Row, Row>(key, async () => source.change(key)),
  },
  {
    name: 'evict',
    share: 0.05,
    limitMs: SHARED_MS,
    run: async ({ cache, key, source }) => {
      source.change(key);
      await cache.delete(key);
      return undefined;
    },
  },
  {
    name: 'expire',
    share: 0.03,
    limitMs: SHARED_MS,
    run: async ({ cache, key, source }) => {
      source.change(key);
      await cache.expire(key);
      return undefined;
    },
  },
  {
    name: 'set',
    share: 0.02,
    limitMs: SHARED_MS,
    run: async ({ cache, key, source }) => {
      await cache.set<Row>(key, source.change(key));
      return undefined;
    },
  },
];

/** The operation that a number in [0, 1) falls on, by their shares. */
export function chosen(operations: readonly Operation[], chance: number): Operation {
  let left = chance * operations.reduce((sum, { share }) => sum + share, 0);
  const found = operations.find(({ share }) => (left -= share) < 0) ?? operations.at(-1);
  if (found === undefined) throw new Error('there is no operation to choose');
  return found;
}
