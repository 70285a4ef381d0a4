/** What is counted of one named cache, but for the hits in memory. */
export class Tally {
  shared = 0;
  misses = 0;
  joined = 0;
  loads = 0;
  loadFailures = 0;
  loadMs = 0;
  staleServed = 0;
  refreshes = 0;
  stored = 0;
  /** Evicted to make room, and because their time was over. */
  size = 0;
  ttl = 0;
  deleted = 0;
  expired = 0;
  tags = 0;
  clears = 0;
  heard = 0;
  /** What memory holds. */
  entries = 0;
  bytes = 0;
}
