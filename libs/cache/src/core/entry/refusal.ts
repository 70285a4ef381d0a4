import type { ClassOf } from '../shared/class-of.js';
import { CacheSerializationError } from '../errors.js';
import { classOfPrototype } from './kinds.js';
import { DEEPEST, LARGEST } from './limits.js';
import { pathText, type PathStep } from './path.js';

/** What to do instead, for the built-in classes that are most often met. */
const REMEDIES: Readonly<Record<string, string>> = {
  Promise: 'a promise is not a value yet: is an `await` missing?',
  RegExp: 'keep its source and flags as strings',
  URL: 'keep its href as a string',
  URLSearchParams: 'keep its toString()',
  Error: 'keep its name and message as strings, or let the loader throw it',
  String: 'keep the primitive: String(value)',
  Number: 'keep the primitive: Number(value)',
  Boolean: 'keep the primitive: Boolean(value)',
  Symbol: 'a symbol has no value outside its process',
  BigInt: 'keep the primitive: value.valueOf()',
  SharedArrayBuffer: 'copy it: new Uint8Array(memory).slice()',
};

function className(value: object): string {
  for (let at: object | null = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const name = classOfPrototype(at)?.name;
    if (name !== undefined && name !== '') return name;
  }
  return 'object of an unknown class';
}

function refusal(steps: readonly PathStep[], what: string): CacheSerializationError {
  const path = pathText(steps);
  return new CacheSerializationError(`${path} ${what}`, path);
}

/** A class instance where only plain data can be kept. */
export function refuseInstance(
  steps: readonly PathStep[],
  value: object,
  as: ClassOf | undefined,
): CacheSerializationError {
  const name = className(value);
  const instead = REMEDIES[name] ?? (value instanceof Error ? REMEDIES['Error'] : undefined);
  if (instead !== undefined) return refusal(steps, `is an instance of ${name}, which is not cached: ${instead}.`);
  const revivable = steps.length === 0 || (steps.length === 1 && typeof steps[0] === 'number');
  const remedy =
    revivable && as === undefined
      ? `Add \`as: ${name}\` to the options to have its class put back on every read, or return plain data.`
      : `Return plain data there: \`as: ${as?.name ?? name}\` admits only its exact instances, as the value itself or as items of its array.`;
  return refusal(
    steps,
    `is an instance of ${name}, which is not cached: no layer could give it back with its class. ${remedy}`,
  );
}

/** A function or a symbol. */
export function refuseType(steps: readonly PathStep[], value: unknown): CacheSerializationError {
  const kind = typeof value;
  return refusal(steps, `is a ${kind}, which no layer can keep. Leave it out of the cached value.`);
}

export function refuseCycle(steps: readonly PathStep[], upTo: number): CacheSerializationError {
  const target = pathText(steps.slice(0, upTo));
  return refusal(
    steps,
    `refers back to ${target}: a cyclic value cannot be cached. Keep an id instead of the reference.`,
  );
}

export function refuseDepth(steps: readonly PathStep[]): CacheSerializationError {
  return refusal(steps, `is nested deeper than ${DEEPEST} levels. Cache a flatter value.`);
}

export function refuseSize(steps: readonly PathStep[]): CacheSerializationError {
  const limit = `${LARGEST / 1024 ** 2} MiB`;
  return refusal(
    steps,
    `makes the value larger than ${limit} (each shared reference is counted in full). Cache it in parts, under keys of their own.`,
  );
}

export function refuseHole(steps: readonly PathStep[]): CacheSerializationError {
  return refusal(steps, 'is a hole in a sparse array. Fill it: Array.from(items), or keep a Map.');
}

export function refuseUndefined(): CacheSerializationError {
  return refusal([], 'is undefined, which means "not cached". Return null for a cached nothing.');
}

/** `as` names a class whose instances are more than their properties. */
export function refuseClass(as: ClassOf): CacheSerializationError {
  return refusal(
    [],
    `cannot be revived \`as: ${as.name}\`: that class extends a built-in one, whose state is no property.`,
  );
}

/** A getter or proxy that threw, a detached buffer: whatever the value itself did while it was read. */
export function refuseUnreadable(steps: readonly PathStep[], cause: unknown): CacheSerializationError {
  const path = pathText(steps);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CacheSerializationError(`${path} could not be read: ${reason}`, path, { cause });
}
