import { CacheConfigError } from '../errors.js';
import { bytes, type ByteSize } from '../shared/byte-size.js';
import type { Duration } from '../shared/duration.js';
import { shown } from '../shared/shown.js';
import { positiveDuration } from './lifetime.js';

/** What of a policy says what is kept, and where. */
export interface KeepPolicy {
  maxEntrySize?: ByteSize | undefined;
  localTtl?: Duration | undefined;
}

/** What is kept, and for how long in memory. */
export interface KeepRules {
  /** Bytes of a value, as it is estimated in memory. `Infinity`: no bound but that of the layers. */
  readonly maxEntrySize: number;
  /** Milliseconds. `Infinity`: as long as everywhere. */
  readonly localTtl: number;
}

/** Keeps what fits, everywhere alike. */
export const KEEP_ALL: KeepRules = Object.freeze({ maxEntrySize: Infinity, localTtl: Infinity });

/** Lays a policy over rules. @throws {CacheConfigError} */
export function keepRules(rules: KeepRules, { maxEntrySize, localTtl }: KeepPolicy, where: string): KeepRules {
  if (maxEntrySize === undefined && localTtl === undefined) return rules;
  return {
    maxEntrySize: maxEntrySize === undefined ? rules.maxEntrySize : sizeAboveZero(maxEntrySize, where),
    localTtl: localTtl === undefined ? rules.localTtl : positiveDuration(localTtl, `${where}.localTtl`),
  };
}

function sizeAboveZero(size: ByteSize, where: string): number {
  const most = bytes(size, `${where}.maxEntrySize`);
  if (most > 0) return most;
  throw new CacheConfigError(
    `${where}.maxEntrySize: ${shown(size)} would keep nothing. Write a size such as '64kb', or leave it out.`,
  );
}

/**
 * What a read leaves out. `'local'`: memory, neither asked nor filled. `'shared'`: Redis, neither asked nor filled.
 * `'store'`: nothing of what is loaded is kept.
 */
export type Skip = 'local' | 'shared' | 'store';

export type Skips = Readonly<Record<Skip, boolean>>;

const WORDS: readonly string[] = ['local', 'shared', 'store'] satisfies readonly Skip[];

/** @throws {CacheConfigError} for what is no list of such words. */
export function skipsOf(skip: readonly Skip[] | undefined, where: string): Skips | undefined {
  if (skip === undefined) return undefined;
  if (!Array.isArray(skip) || !skip.every((word) => WORDS.includes(word))) {
    const written = Array.isArray(skip) ? `[${skip.map(shown).join(', ')}]` : shown(skip);
    throw new CacheConfigError(
      `${where}.skip: ${written} is not valid: write a list of 'local', 'shared' and 'store': { skip: ['local'] }.`,
    );
  }
  if (skip.length === 0) return undefined;
  return { local: skip.includes('local'), shared: skip.includes('shared'), store: skip.includes('store') };
}
