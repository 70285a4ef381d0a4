/** How much of what is served is compared with its source. */
export interface StalenessRules {
  /** The share of hits that are looked at: above 0, at most 1. */
  readonly sample: number;
  /** Comparisons in a second, at most. Each runs a loader once, and once more where it finds another value. */
  readonly perSecond: number;
}
