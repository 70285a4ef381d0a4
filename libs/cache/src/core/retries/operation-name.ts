import { CacheConfigError } from '../errors.js';
import type { NameTemplate } from '../keys/grammar.js';
import { shown } from '../shared/shown.js';

/** The name itself when it is one literal segment, else the sentence that says why not. */
export type OperationName<T extends string> = T extends `${string}{${string}`
  ? 'an operation is one literal name: no holes'
  : T extends `${string}:${string}`
    ? 'an operation is one segment'
    : NameTemplate<T>;

const NAME = /^[\w.~,-]{1,200}$/;

/** @throws {CacheConfigError} for what the compiler would have refused. */
export function checkOperation(name: unknown): asserts name is string {
  if (typeof name === 'string' && NAME.test(name)) return;
  throw new CacheConfigError(
    `operation: ${shown(name)} is no name for an operation. Write one literal segment of A-Z a-z 0-9 _ . ~ - and , such as 'payments'`,
  );
}
