import type { Refreshes } from '../refresh/refreshes.js';
import type { HitSamples } from './hit-samples.js';
import type { Keeper } from './keeper.js';
import type { Loading } from './loading.js';
import type { Turns } from './turns.js';

/** What every kind of read goes on to. */
export interface ReadWays {
  readonly keeper: Keeper;
  readonly samples: HitSamples;
  readonly loading: Loading;
  /** Where processes share entries. */
  readonly turns: Turns | undefined;
  /** The loads that nobody waits for. */
  readonly refreshes: Refreshes;
}
