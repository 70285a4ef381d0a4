import { binaryName, BINARY_NAMES } from '../../core/entry/binary.js';
import { isPlain, setOwn, type Properties } from '../../core/entry/kinds.js';
import { binaryFromWire, binaryToWire } from './binary-wire.js';

/**
 * JSON for every kept value. What JSON lacks is `{"$": [tag, …]}`; an object of the user's that has a property `$` is
 * itself written with a tag, so that nothing of the user's is ever taken for one.
 */
const MARK = '$';

function tagged(tag: string, ...content: unknown[]): Properties {
  return { [MARK]: [tag, ...content] };
}

/** The value as a tree that JSON.stringify writes without loss. */
export function toTagged(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : tagged('number', numberText(value));
    case 'undefined':
      return tagged('undefined');
    case 'bigint':
      return tagged('bigint', value < 0n ? `-${(-value).toString(16)}` : value.toString(16));
    case 'object':
      return value === null ? null : objectToTagged(value);
    default:
      return value;
  }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function objectToTagged(value: object): unknown {
  if (Array.isArray(value)) return value.map(toTagged);
  if (isPlain(value)) return plainToTagged(value);
  if (value instanceof Date) return tagged('date', Number.isNaN(value.getTime()) ? null : value.getTime());
  if (value instanceof Map) return tagged('map', [...value].flat(1).map(toTagged));
  if (value instanceof Set) return tagged('set', [...value].map(toTagged));
  const name = binaryName(value);
  if (name === undefined) throw new TypeError('Not a kept value.');
  return tagged('binary', name, Buffer.from(binaryToWire(name, value)).toString('base64'));
}

function plainToTagged(value: Properties): Properties {
  const copy: Properties = {};
  for (const key of Object.keys(value)) setOwn(copy, key, toTagged(value[key]));
  return Object.hasOwn(value, MARK) ? tagged('object', copy) : copy;
}

/** Reverses `toTagged`. @throws {TypeError} for a tag that it does not write. */
export function fromTagged(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(fromTagged);
  if (!isPlain(json)) throw new TypeError('Not JSON.');
  return Object.hasOwn(json, MARK) ? untagged(json) : properties(json);
}

function properties(json: unknown): Properties {
  if (!isPlain(json)) throw new TypeError('Not an object.');
  const value: Properties = {};
  for (const key of Object.keys(json)) setOwn(value, key, fromTagged(json[key]));
  return value;
}

function untagged(json: Properties): unknown {
  const content = json[MARK];
  if (Object.keys(json).length !== 1 || !Array.isArray(content)) throw new TypeError('Not a tag.');
  const [tag, first, second]: unknown[] = content;
  switch (tag) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(text(first));
    case 'bigint':
      return bigintFrom(text(first));
    case 'date':
      return new Date(first === null ? NaN : Number(first));
    case 'map':
      return mapFrom(items(first));
    case 'set':
      return new Set(items(first));
    case 'object':
      return properties(first);
    case 'binary':
      return binaryFrom(first, text(second));
    default:
      throw new TypeError('An unknown tag.');
  }
}

function text(json: unknown): string {
  if (typeof json !== 'string') throw new TypeError('Not a string.');
  return json;
}

function items(json: unknown): unknown[] {
  if (!Array.isArray(json)) throw new TypeError('Not a list.');
  return json.map(fromTagged);
}

function mapFrom(flat: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let at = 0; at + 1 < flat.length; at += 2) map.set(flat[at], flat[at + 1]);
  return map;
}

function bigintFrom(digits: string): bigint {
  return digits.startsWith('-') ? -BigInt(`0x${digits.slice(1)}`) : BigInt(`0x${digits}`);
}

function binaryFrom(name: unknown, base64: string): object {
  const known = BINARY_NAMES.find((candidate) => candidate === name);
  if (known === undefined) throw new TypeError('Unknown bytes.');
  return binaryFromWire(known, Uint8Array.from(Buffer.from(base64, 'base64')));
}
