import { CacheKeyError } from '../../core/errors.js';
import { argumentsKey } from './arguments-key.js';
import { bindKey } from './key-binder.js';
import type { Site } from './stage.js';

/** Where a kept result belongs and under which key. */
export interface ResultKey {
  /** With a key of its own a result is shared by all instances; without one it is the instance's. The method's always. */
  readonly shared: boolean;
  /**
   * Undefined for arguments that no key can hold, which is told: the method then runs uncached.
   * @throws {CacheKeyError} `KEY_CONTEXT`: a missing context value never becomes a shared key.
   */
  readonly of: (args: readonly unknown[]) => string | undefined;
}

export function resultKey({ plan, origin, parts }: Site, key: string | undefined): ResultKey {
  const id = key === undefined ? (args: readonly unknown[]) => argumentsKey(args, origin) : bindKey(key, parts).id;
  return {
    shared: key !== undefined,
    of(args) {
      try {
        return `${plan.index}|${id(args)}`;
      } catch (error) {
        if (!(error instanceof CacheKeyError) || error.code === 'KEY_CONTEXT') throw error;
        parts.cache.parts.events.emit({ type: 'uncached', method: origin, error });
        return undefined;
      }
    },
  };
}
