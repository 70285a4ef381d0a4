import { CacheTimeoutError } from '../errors.js';
import { ANSWER_MS } from '../layers/layer.js';
import { inTime } from '../shared/in-time.js';
import type { CacheParts } from './parts.js';

/**
 * A further trip to a layer in one call gets what the first has left of the time that a call may take.
 * @throws {CacheTimeoutError} when that is over.
 */
export class SecondTrip {
  readonly #began: number;

  /** Made before the first. */
  constructor(
    private readonly id: string,
    private readonly parts: Pick<CacheParts, 'clock' | 'keys'>,
  ) {
    this.#began = parts.clock.now();
  }

  take<T>(trip: Promise<T>): Promise<T> {
    const { clock, keys } = this.parts;
    const late = (): CacheTimeoutError => {
      const key = keys.full(this.id);
      const message = `'${key}': Redis did not answer within ${ANSWER_MS} ms.`;
      return new CacheTimeoutError(message, { key, layer: 'shared' });
    };
    return inTime(trip, { clock, ms: Math.max(0, ANSWER_MS - (clock.now() - this.#began)), late });
  }
}
