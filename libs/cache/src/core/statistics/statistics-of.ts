import type { CacheStatistics } from './cache-statistics.js';
import type { Counts } from './counts.js';
import { Tally } from './tally.js';

/** What was counted of one named cache, or of all. */
export function statisticsOf(counts: Counts, name?: string): CacheStatistics {
  const sum = new Tally();
  let hot = 0;
  for (const one of counts.tallies(name)) {
    hot += one.hot;
    for (const what of Object.keys(sum) as (keyof Tally)[]) sum[what] += one.tally[what];
  }
  const { shared, misses, joined, loads, loadFailures, loadMs, staleServed, refreshes, stored } = sum;
  const hits = hot + shared;
  return Object.freeze({
    hits: Object.freeze({ hot, shared }),
    misses,
    joined,
    hitRatio: hits + misses === 0 ? undefined : hits / (hits + misses),
    loads,
    loadFailures,
    loadMs,
    meanLoadMs: loads === 0 ? undefined : loadMs / loads,
    staleServed,
    refreshes,
    stored,
    evictions: Object.freeze({ size: sum.size, ttl: sum.ttl }),
    invalidations: Object.freeze({
      deleted: sum.deleted,
      expired: sum.expired,
      tags: sum.tags,
      clears: sum.clears,
      heard: sum.heard,
    }),
    memory: Object.freeze({ entries: sum.entries, bytes: sum.bytes }),
  });
}
