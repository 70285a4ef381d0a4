import type { RecoveryFigures } from '../../core/cache/recovery.js';
import type { DoctorReport } from '../../core/doctor/finding.js';
import type { ServerAway, ServerFigures } from '../../core/servers/server-figures.js';
import type { StalenessFigures } from '../../core/staleness/staleness-figures.js';
import type { CacheStatistics } from '../../core/statistics/cache-statistics.js';
import type { Observed } from './observed.js';

/** What is counted at one time. */
export interface Sample {
  /** Ms since the epoch. */
  readonly at: number;
  readonly statistics: CacheStatistics;
  readonly recovery: RecoveryFigures;
  readonly servers: readonly (ServerFigures | ServerAway)[];
  readonly gaps: number;
  readonly locksLost: number;
  /** Hits that were compared with their source, and those of them that were stale. */
  readonly compared: number;
  readonly stale: number;
  /** What the doctor last found. */
  readonly topology?: DoctorReport | undefined;
  /** Since when Redis is away; `undefined`: it is there, or there is none. */
  readonly awaySince: number | undefined;
}

/** The samples of the last while, oldest first. */
export class Samples {
  readonly #all: Sample[] = [];

  /** @param window how far back they reach, ms */
  constructor(private readonly window: number) {}

  add(sample: Sample): void {
    this.#all.push(sample);
    // The first is the one that was the latest when the window began.
    while ((this.#all[1]?.at ?? Infinity) <= sample.at - this.window) this.#all.shift();
  }

  get first(): Sample | undefined {
    return this.#all[0];
  }

  get last(): Sample | undefined {
    return this.#all.at(-1);
  }

  /** The latest that is at least so old, or the oldest there is. */
  before(ms: number): Sample | undefined {
    const at = (this.last?.at ?? 0) - ms;
    return this.#all.findLast((sample) => sample.at <= at) ?? this.first;
  }
}

/** Everything that a sample counts, now. */
export function sampleOf(
  { gaps, locksLost, redis }: Pick<Observed, 'gaps' | 'locksLost' | 'redis'>,
  counted: Pick<Sample, 'at' | 'statistics' | 'recovery' | 'servers' | 'topology'>,
  staleness: readonly StalenessFigures[],
): Sample {
  return {
    ...counted,
    gaps: gaps.lost + gaps.silent + gaps.unheard,
    locksLost,
    compared: staleness.reduce((sum, { compared }) => sum + compared, 0),
    stale: staleness.reduce((sum, { stale }) => sum + stale, 0),
    awaySince: redis.state === 'lost' ? redis.since : undefined,
  };
}
