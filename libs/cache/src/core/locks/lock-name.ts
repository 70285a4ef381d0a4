import { CacheConfigError } from '../errors.js';
import { shown } from '../shared/shown.js';

/** Longest name, in characters. */
const LONGEST_NAME = 512;

/** @throws {CacheConfigError} for what cannot be the name of a lock. */
export function checkName(name: unknown): void {
  if (typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME) return;
  throw new CacheConfigError(
    `the name of a lock: ${shown(name)} is none. Write text of 1 to ${LONGEST_NAME} characters, such as 'import:cities'.`,
  );
}

/** Somebody asks for what they hold. */
export function waitsForItself(name: string): CacheConfigError {
  return new CacheConfigError(
    `the lock '${name}' is held by the call that asks for it, and would wait for itself. Pass the lock on, or take it once outside.`,
    { key: name },
  );
}
