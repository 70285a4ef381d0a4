import { parseHole } from '../../core/keys/place.js';
import { CacheConfigError, CacheKeyError } from '../../core/errors.js';

/** Reads a place of a call: `'result'`, `'0'`, `'1.profile'`. Absence along the path is `undefined`. */
export type PlaceReader = (args: readonly unknown[], result: unknown) => unknown;

/** @throws {CacheConfigError} for text that is no place. */
export function placeReader(text: string, option: string): PlaceReader {
  const { place } = parsed(text, option);
  if (place.from !== 'argument' && place.from !== 'result') throw notAPlace(text, option);
  const { path } = place;
  if (path.includes('*')) throw notAPlace(text, option);
  return (args, result) => path.reduce(step, place.from === 'argument' ? args[place.index] : result);
}

/** Whether the place can be read before the method runs. */
export function isBeforeCall(text: string): boolean {
  return !text.startsWith('result');
}

function parsed(text: string, option: string): ReturnType<typeof parseHole> {
  try {
    return parseHole(text, 'place');
  } catch (cause) {
    if (cause instanceof CacheKeyError) throw notAPlace(text, option, cause);
    throw cause;
  }
}

function step(value: unknown, name: string): unknown {
  return value === undefined || value === null ? undefined : (value as Readonly<Record<string, unknown>>)[name];
}

function notAPlace(text: string, option: string, cause?: unknown): CacheConfigError {
  return new CacheConfigError(
    `${option}: ${JSON.stringify(text)} is no place in the call. Write 'result', 'result.version', '0' or '0.updatedAt'.`,
    { cause },
  );
}
