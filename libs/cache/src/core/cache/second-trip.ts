import { CacheTimeoutError } from '../errors.js';
import { ANSWER_MS } from '../layers/layer.js';
import { inTime } from '../shared/in-time.js';
import type { CacheParts } from './parts.js';

type Timed = Pick<CacheParts, 'clock' | 'keys' | 'sharedPatience'>;

/** A trip to a layer that may take what is left of the time of a call. */
export interface Trip<T> {
  readonly id: string;
  readonly trip: Promise<T>;
  /** What the call has taken already, ms. */
  readonly spent: number;
}

/** What a call waits for the layers that are shared, all trips together, ms. */
export function patienceOf({ sharedPatience = ANSWER_MS }: Pick<CacheParts, 'sharedPatience'>): number {
  return sharedPatience;
}

/** @throws {CacheTimeoutError} when the time of the call is over. */
export function inTimeLeft<T>({ id, trip, spent }: Trip<T>, parts: Timed): Promise<T> {
  const { clock, keys } = parts;
  const patience = patienceOf(parts);
  const late = (): CacheTimeoutError => {
    const key = keys.full(id);
    const message = `'${key}': Redis did not answer within ${patience} ms.`;
    return new CacheTimeoutError(message, { key, layer: 'shared' });
  };
  return inTime(trip, { clock, ms: Math.max(0, patience - spent), late });
}

/**
 * A further trip to a layer in one call gets what the first has left of the time that a call may take.
 * @throws {CacheTimeoutError} when that is over.
 */
export class SecondTrip {
  readonly #began: number;

  /** Made before the first. */
  constructor(
    private readonly id: string,
    private readonly parts: Timed,
  ) {
    this.#began = parts.clock.now();
  }

  take<T>(trip: Promise<T>): Promise<T> {
    return inTimeLeft({ id: this.id, trip, spent: this.parts.clock.now() - this.#began }, this.parts);
  }
}
