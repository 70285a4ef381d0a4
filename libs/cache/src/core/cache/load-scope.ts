import type { Load } from './load.js';

/** Which flight a load belongs to, and whether its loader is a decorated method, which may ask for its load. */
export interface LoadPlace {
  readonly flight: object;
  readonly isMethod: boolean;
}

/** Knows which loads the code that runs now is part of. Only a framework can follow calls, so it brings this. */
export interface LoadScope {
  /** Runs a loader as part of its flight, and of the loads it was called from. */
  run<R>(at: LoadPlace, load: Load, work: () => R): R;
  /** Whether the code that runs now is part of this flight: then waiting for it would be waiting for itself. */
  isWithin(flight: object): boolean;
  /** Whether it is part of a load of this full key, of any flight or of none. */
  isLoading(key: string): boolean;
}
