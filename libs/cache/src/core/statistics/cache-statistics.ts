/**
 * What the reads and writes of a named cache, or of all, have come to in this process since it started. Every read counts
 * once: as a hit, as a miss, or as neither where it failed before anything was known. Counts only rise, but for `memory`.
 */
export interface CacheStatistics {
  /** Reads that found a fresh value, by where: in this process's memory (`hot`), or in Redis (`shared`). */
  readonly hits: { readonly hot: number; readonly shared: number };
  /** Reads that found none: they loaded, shared a load, got what is stale, or, as `get`, nothing. */
  readonly misses: number;
  /** Of these misses those that shared a load which another read of this process had begun. */
  readonly joined: number;
  /** Hits by hits and misses, 0 to 1; `undefined` until something was read. */
  readonly hitRatio: number | undefined;
  /** Runs of loaders that answered, those in the background too. A bulk load is one for each key it loads. */
  readonly loads: number;
  /** Runs of loaders that threw, or were given up at their hard timeout or because nobody waited any more. */
  readonly loadFailures: number;
  /** How long the runs that answered took in all, ms. */
  readonly loadMs: number;
  /** `loadMs` by `loads`, ms; `undefined` until a loader answered. */
  readonly meanLoadMs: number | undefined;
  /** Callers who got a value that was no longer fresh. Their reads count above too, as a rule as misses. */
  readonly staleServed: number;
  /** Loads that went on, or began, in the background. */
  readonly refreshes: number;
  /** Values that were kept: what loaders gave, and what was set or saved. */
  readonly stored: number;
  /** Entries that left memory by themselves, by cause: to make room (`size`), or because their time was over (`ttl`). */
  readonly evictions: { readonly size: number; readonly ttl: number };
  readonly invalidations: CacheInvalidations;
  /** What this process's memory holds now. Redis is not asked. */
  readonly memory: {
    /** Values, fresh or stale, also those nobody has looked at since they were invalidated by a tag or by `clear`. */
    readonly entries: number;
    /** What they take, with their keys, and what is remembered of removed keys; as `local.budget` counts. */
    readonly bytes: number;
  };
}

/** What was invalidated, by whom. Whether an entry was there is not asked. */
export interface CacheInvalidations {
  /** Keys that this process removed: deleted, evicted, found to be stale, or left empty by a save. */
  readonly deleted: number;
  /** Keys that this process marked as no longer fresh. */
  readonly expired: number;
  /** Calls of this process that invalidated tags; in the statistics of all caches one for each cache. */
  readonly tags: number;
  /** Calls of `clear` in this process, counted likewise. */
  readonly clears: number;
  /** What other processes did of all this and told of. */
  readonly heard: number;
}
