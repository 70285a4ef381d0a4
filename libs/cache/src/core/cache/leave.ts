import { CacheConfigError } from '../errors.js';
import { shown } from '../shared/shown.js';
import { untilAborted } from '../shared/until-aborted.js';
import type { Flight, Flights } from './flights.js';

/** What a caller may leave before it is there. */
export interface Leaving<T, R> {
  readonly id: string;
  readonly signal: AbortSignal;
  /** The load that the caller waits for; `undefined`: one that goes on whoever waits. */
  readonly flight: Flight<T, R> | undefined;
  readonly flights: Flights<T, R>;
}

/**
 * Ends a caller's wait when its signal aborts. The load goes on while anybody waits for it; the last to leave ends it: its
 * own signal aborts, and who comes later loads anew.
 */
export function leavable<V, T, R>(loading: Promise<V>, { id, signal, flight, flights }: Leaving<T, R>): Promise<V> {
  return untilAborted(loading, signal, () => {
    if (flight === undefined) return;
    flight.left += 1;
    // Beside those who joined there is the one who started it. Once it is there, layers still take the value.
    if (flight.left <= flight.joined || flight.filling !== undefined) return;
    if (flights.find(id) === flight) flights.void(id);
    flight.abandon(signal.reason);
  });
}

/**
 * Refuses a call that is cancelled before it began.
 * @throws the reason of the signal; {CacheConfigError} for what is no signal
 */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  if (signal instanceof AbortSignal) return signal.throwIfAborted();
  throw new CacheConfigError(
    `options.signal: ${shown(signal)} is no AbortSignal. Hand over the signal of a controller: { signal: controller.signal }.`,
  );
}
