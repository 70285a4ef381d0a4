import { types } from 'node:util';
import { CacheSerializationError } from '../../core/errors.js';

/** Deeper values are taken for a mistake before they exhaust the stack. */
const DEEPEST = 500;

type Ancestors = Set<object>;

/**
 * One text per value and one value per text (to be read as UTF-16, so that half surrogate pairs stay apart): every
 * form begins with a letter of its own and says its length, so that no text can be read two ways. The order of
 * properties, Map entries and Set items does not count.
 * @throws {CacheSerializationError} with the path of what has no such form.
 */
export function encodeCanonical(value: unknown): string {
  return encode(value, '$', new Set());
}

function encode(value: unknown, path: string, above: Ancestors): string {
  switch (typeof value) {
    case 'string':
      return sized('s', value);
    case 'number':
      return sized('n', Object.is(value, -0) ? '-0' : String(value));
    case 'bigint':
      return sized('i', String(value));
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'object':
      return value === null ? 'z' : nested(value, path, above);
    default:
      throw refused(`a ${typeof value}`, path);
  }
}

function nested(value: object, path: string, above: Ancestors): string {
  if (above.has(value)) throw refused('a cycle', path);
  if (above.size === DEEPEST) throw refused(`nesting deeper than ${DEEPEST}`, path);
  above.add(value);
  const form = container(value, path, above);
  above.delete(value);
  return form;
}

function container(value: object, path: string, above: Ancestors): string {
  if (ArrayBuffer.isView(value)) return bytes(value, kindOf(value));
  if (types.isAnyArrayBuffer(value)) return bytes(new Uint8Array(value), kindOf(value));
  if (Array.isArray(value)) return array(value, path, above);
  if (prototypes(value) === 2 && types.isDate(value)) return sized('d', String(value.getTime()));
  if (prototypes(value) === 2 && types.isMap(value)) return map(value, path, above);
  if (prototypes(value) === 2 && types.isSet(value)) {
    return list('e', Array.from(value, (item, i) => encode(item, `${path}.item(${i})`, above)).toSorted());
  }
  return plain(value, path, above);
}

function array(value: readonly unknown[], path: string, above: Ancestors): string {
  if (prototypes(value) !== 2) throw refused(classOf(value), path);
  const items: string[] = [];
  // A hole in an array is no undefined.
  for (let i = 0; i < value.length; i++) items.push(i in value ? encode(value[i], `${path}[${i}]`, above) : 'h');
  if (Object.keys(value).length > value.length - items.filter((item) => item === 'h').length) {
    throw refused('an array with properties of its own', path);
  }
  return list('a', items);
}

function map(value: ReadonlyMap<unknown, unknown>, path: string, above: Ancestors): string {
  const entry = ([key, item]: [unknown, unknown], i: number) =>
    encode(key, `${path}.key(${i})`, above) + encode(item, `${path}.value(${i})`, above);
  return list('m', Array.from(value, entry).toSorted());
}

function plain(value: object, path: string, above: Ancestors): string {
  if (prototypes(value) > 1) throw refused(classOf(value), path);
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused('a property named by a symbol', path);
  const entry = ([name, item]: [string, unknown]) => sized('s', name) + encode(item, `${path}.${name}`, above);
  return list('o', Object.entries(value).map(entry).toSorted());
}

/** How many prototypes stand above: 0 or 1 for plain data, 2 for a built-in class, whichever realm it comes from. */
function prototypes(value: object): number {
  let count = 0;
  for (let up: unknown = Object.getPrototypeOf(value); up !== null; up = Object.getPrototypeOf(up)) count++;
  return count;
}

/** Buffer, typed arrays, DataView and ArrayBuffer: their kind and their bytes. */
function bytes(view: ArrayBufferView, kind: string): string {
  const content = Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
  return `b${sized('k', kind)}${sized('c', content)}`;
}

function kindOf(value: object): string {
  return Buffer.isBuffer(value) ? 'Buffer' : Object.prototype.toString.call(value);
}

function classOf(value: object): string {
  return `an instance of ${value.constructor?.name || 'a class without a name'}`;
}

function sized(letter: string, content: string): string {
  return `${letter}${content.length}:${content}`;
}

function list(letter: string, items: readonly string[]): string {
  return `${letter}${items.length}:${items.join('')}`;
}

function refused(what: string, path: string): CacheSerializationError {
  return new CacheSerializationError(
    `${what} at ${path} has no stable form: hash plain data (objects, arrays, Map, Set, Date, buffers, primitives), of a class instance its fields: { ...dto }`,
    path,
  );
}
