/**
 * What a call promises about the values of others.
 * `strict`: linearizable by key, over a source that is; an error rather than a guess. `eventual`: stale at most for as long
 * as a notice travels, after a lost one until that is seen. `relaxed`: stale at most for as long as a value lives; waits
 * for Redis hardly at all.
 */
export type ConsistencyLevel = 'strict' | 'eventual' | 'relaxed';

/** The levels, the most that is promised first. */
export const LEVELS: readonly ConsistencyLevel[] = ['strict', 'eventual', 'relaxed'];
