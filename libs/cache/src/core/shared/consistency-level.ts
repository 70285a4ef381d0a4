/** What a read promises about the values of others. `eventual`: stale at most for as long as a notice travels. */
export type ConsistencyLevel = 'eventual';
