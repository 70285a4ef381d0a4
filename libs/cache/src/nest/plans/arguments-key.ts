import { CacheKeyError } from '../../core/errors.js';

/**
 * The identity of a call whose arguments are the key. Types count here (1 and '1' are two calls), trailing `undefined`
 * does not.
 * @throws {CacheKeyError} `KEY_VALUE` for an argument that is no primitive.
 */
export function argumentsKey(args: readonly unknown[], origin: string): string {
  let end = args.length;
  while (end > 0 && args[end - 1] === undefined) end -= 1;
  let key = '';
  for (let at = 0; at < end; at += 1) key += `${part(args[at], at, origin)},`;
  return key;
}

function part(value: unknown, at: number, origin: string): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    default:
      if (value === null) return 'null';
      throw new CacheKeyError(
        'KEY_VALUE',
        `${origin}: parameter ${at} is an object, and arguments are the key here. Name the key: { key: 'user:{${at}.id}' }.`,
      );
  }
}
