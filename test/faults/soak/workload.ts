import { OPERATIONS, SHARED_MS, type Operation } from '../storm/operations.js';
import type { Row } from '../storm/source.js';

/** Each sample stops the process for a collection and a walk, of which the lag counts most and not all. */
const SAMPLING_MS = 100;
const GROUPS = 50;
const TOGETHER = 10;

const idOf = (key: string): number => Number(key.slice(key.indexOf(':') + 1));
const groupOf = (key: string): string => `group:${idOf(key) % GROUPS}`;

/** The key and those that follow it. */
function following(key: string, keyOf: (id: number) => string, count: number): string[] {
  return Array.from({ length: TOGETHER }, (_, at) => keyOf((idOf(key) + at) % count));
}

/** Many entries at once: by tags, by their cache, by a list of keys, and what is served when it is no longer fresh. */
function together(keyOf: (id: number) => string, count: number): readonly Operation[] {
  return [
    {
      name: 'tagged read',
      share: 0.2,
      limitMs: 2 * SHARED_MS,
      run: ({ cache, key, source }) =>
        cache.readThrough<Row, Row>(key, async () => source.row(key), {
          tags: [groupOf(key)],
          ttl: '500ms',
          staleFor: '2s',
          loadTimeout: { soft: '20ms' },
        }),
    },
    {
      name: 'bulk',
      share: 0.05,
      limitMs: 2 * SHARED_MS,
      run: async ({ cache, key, source }) => {
        const rows = await cache.readThroughMany<string, Row, Row>(
          following(key, keyOf, count),
          (one) => one,
          async (missing) => new Map(missing.map((one) => [one, source.row(one)])),
        );
        const wrong = [...rows].find(([one, row]) => row?.key !== one);
        return wrong?.[1] ?? undefined;
      },
    },
    {
      name: 'tag',
      share: 0.02,
      limitMs: SHARED_MS,
      run: async ({ cache, key }) => {
        await cache.invalidateTags([groupOf(key)]);
        return undefined;
      },
    },
    {
      name: 'clear',
      share: 0.001,
      limitMs: SHARED_MS,
      run: async ({ cache }) => {
        await cache.clear();
        return undefined;
      },
    },
  ];
}

/** What the callers of a soak do: all that the storm's do, and the same to many entries at once. */
export function workload(keyOf: (id: number) => string, count: number): readonly Operation[] {
  return [...OPERATIONS, ...together(keyOf, count)].map((one) => ({ ...one, limitMs: one.limitMs + SAMPLING_MS }));
}
