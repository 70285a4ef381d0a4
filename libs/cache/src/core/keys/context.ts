import { CacheKeyError } from '../errors.js';

/** The value of a `{@name}` hole in the request under way; undefined when there is none. */
export type ContextResolver = (name: string) => unknown;

const NONE: ContextResolver = () => undefined;
let resolver = NONE;

/** Says where `{@name}` holes find their values. The framework room sets it once; undefined takes it back. */
export function setContextResolver(resolve: ContextResolver | undefined): void {
  resolver = resolve ?? NONE;
}

/**
 * The value of a `{@name}` hole.
 * @throws {CacheKeyError} `KEY_CONTEXT` when there is none: a missing tenant must never become a key that all share.
 */
export function contextValue(name: string): unknown {
  const value = resolver(name);
  if (value !== undefined && value !== null) return value;
  throw new CacheKeyError(
    'KEY_CONTEXT',
    `{@${name}} has no value here: call inside a request, or wrap the work in runInCacheContext({ ${name}: … }, work)`,
  );
}
