import type { Failure } from '../coherence/failure.js';
import { CacheLoadError } from '../errors.js';

/** What those get who waited for a load of another process that failed. */
export function failedElsewhere(key: string, { name, message, code, status }: Failure): CacheLoadError {
  const cause: Error & { code?: string } = new Error(message);
  cause.name = name;
  if (code !== undefined) cause.code = code;
  // What goes to a client says no more there than it would here.
  const isAnswer = status !== undefined;
  const text = `The loader of '${key}' failed in another process of this service: ${name}: ${message}`;
  return new CacheLoadError(isAnswer ? message : text, { key, cause, status });
}
