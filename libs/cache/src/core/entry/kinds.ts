import { BINARY_NAMES } from './binary.js';

/** An object looked at as its string keys. */
export type Properties = Record<string, unknown>;

export function prototypeOf(value: object): object | null {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype;
}

/** Plain data as the cache keeps it: an object that is no array and of no class. */
export function isPlain(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Sets an own property. Assigned, one called `__proto__` would become the prototype instead of data. */
export function setOwn(target: Properties, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
}

/** Any object can be read by its keys; the compiler wants to be told. */
export function hasProperties(value: object): value is Properties {
  return typeof value === 'object';
}

/** How an object is kept. Whatever has no kind is a class instance. */
export type Kind = 'object' | 'array' | 'date' | 'map' | 'set' | 'binary';

const NAMES: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['Object', 'object'],
  ['Array', 'array'],
  ['Date', 'date'],
  ['Map', 'map'],
  ['Set', 'set'],
  ...BINARY_NAMES.map((name): [string, Kind] => [name, 'binary']),
]);

/** Prototypes seen so far; undefined: a class of the user's. */
const seen = new WeakMap<object, Kind | undefined>();

for (const [name, kind] of NAMES) {
  const found: unknown = Reflect.get(globalThis, name);
  if (typeof found === 'function') seen.set(found.prototype, kind);
}

/** The class whose own prototype this is. */
export function classOfPrototype(prototype: object): { readonly name: string } | undefined {
  const own: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof own === 'function' && own.prototype === prototype ? own : undefined;
}

/** Built in, in whatever realm: Jest runs tests in one and Node's own modules answer from another. */
export function isBuiltIn(prototype: object): boolean {
  const own = classOfPrototype(prototype);
  return own !== undefined && Function.prototype.toString.call(own).includes('[native code]');
}

function classify(prototype: object): Kind | undefined {
  const kind = isBuiltIn(prototype) ? NAMES.get(classOfPrototype(prototype)?.name ?? '') : undefined;
  seen.set(prototype, kind);
  return kind;
}

/** The kind of an object with this prototype. Subclasses of Date, Map, arrays … have none: their class would be lost. */
export function kindOf(prototype: object | null): Kind | undefined {
  if (prototype === null || prototype === Object.prototype) return 'object';
  return seen.has(prototype) ? seen.get(prototype) : classify(prototype);
}

/** Whether an instance is no more than its own properties: no class in its chain is built in, but Object. */
export function isPlainBelow(prototype: object): boolean {
  let at: object | null = prototype;
  while (kindOf(at) === undefined) {
    if (at === null || isBuiltIn(at)) return false;
    at = prototypeOf(at);
  }
  return kindOf(at) === 'object';
}
