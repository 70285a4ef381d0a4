import { describe, expect, it } from 'vitest';
import { CacheService, defineKey } from '@datapunk/cache';
import { isShared } from '../../support/backends.js';
import { boot } from '../../support/boot.js';

class Customer {
  constructor(
    readonly id: number,
    readonly since: Date,
  ) {}

  get isOld(): boolean {
    return this.since.getTime() < 1_000;
  }
}

const customerKey = defineKey('customer:{id}').holds<Customer>({ as: Customer });
const customersKey = defineKey('customers:{region}').holds<Customer[]>({ as: Customer });

/** The application that keeps a value, and one that reads it: over Redis another one, which has it of bytes only. */
async function start() {
  const writer = (await boot([])).get(CacheService);
  const reader = isShared ? (await boot([])).get(CacheService) : writer;
  return { writer, reader };
}

/** Wrapped, so that `undefined` and null have a place to be in. */
const VALUES: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['numbers', [0, -0, NaN, Infinity, -Infinity, 2 ** 53, 0.1, Number.MIN_VALUE]],
  ['bigints', [0n, -1n, 2n ** 63n, -(2n ** 200n)]],
  ['text', ['', '€ 𝄞', '\ud800', '\0', 'x'.repeat(70_000)]],
  ['undefined fields and items', { a: undefined, b: [undefined, null], c: { d: undefined } }],
  ['Date', [new Date(0), new Date(-1), new Date(NaN)]],
  [
    'Map',
    new Map<unknown, unknown>([
      [1, 'number'],
      ['1', 'text'],
      [{ k: 1 }, new Map([[null, undefined]])],
    ]),
  ],
  ['Set', new Set<unknown>([1, '1', new Set([NaN])])],
  ['Buffer', Buffer.from([0, 255, 10])],
  ['typed arrays', [new Uint8Array([1, 2]), new Float64Array([-0, NaN]), new BigInt64Array([-1n]), new Uint16Array(0)]],
  ['ArrayBuffer and DataView', [new Uint8Array([1, 2, 3]).buffer, new DataView(new Uint8Array([4, 5]).buffer)]],
  ['names with a meaning', { constructor: 1, toString: 2, $: ['date', 1], length: 3, ['__proto__']: { own: true } }],
  ['a large one', Array.from({ length: 20_000 }, (_, at) => ({ at, name: `item ${at}`, on: new Date(at) }))],
];

describe('a cached value', () => {
  it.each(VALUES)('comes back as it was: %s', async (_, value) => {
    const { writer, reader } = await start();
    await writer.set('value:1', { value } as never);
    expect(await writer.get('value:1')).toStrictEqual({ value });
    expect(await reader.get('value:1')).toStrictEqual({ value });
    expect(await reader.readThrough('value:1', async () => 'not loaded' as never)).toStrictEqual({ value });
  });

  it.each(VALUES)('is the same for whoever caused the load: %s', async (_, value) => {
    const { writer } = await start();
    const read = () => writer.readThrough('value:2', async () => ({ value }) as never);
    expect(await read()).toStrictEqual({ value });
    expect(await read()).toStrictEqual({ value });
  });

  it('gets its class back, alone and in a list', async () => {
    const { writer, reader } = await start();
    const ada = new Customer(1, new Date(5));
    await writer.set(customerKey({ id: 1 }), ada);
    await writer.set(customersKey({ region: 'eu' }), [ada, new Customer(2, new Date(5_000))]);
    for (const cache of [writer, reader]) {
      const [found, list] = [await cache.get(customerKey({ id: 1 })), await cache.get(customersKey({ region: 'eu' }))];
      expect(found).toBeInstanceOf(Customer);
      expect(found).toStrictEqual(ada);
      expect(list?.map(({ isOld }) => isOld)).toEqual([true, false]);
    }
  });

  it('cannot be changed by what was given, nor by what was handed out', async () => {
    const { writer, reader } = await start();
    const value = { list: [1], at: new Date(1), bytes: new Uint8Array([1]) };
    await writer.set('value:3', value as never);
    value.list.push(2);
    value.at.setTime(2);
    value.bytes[0] = 2;
    const first = (await reader.get('value:3')) as unknown as typeof value;
    first.at.setTime(3);
    first.bytes[0] = 3;
    expect(() => first.list.push(3)).toThrow(TypeError);
    for (const cache of [writer, reader]) {
      expect(await cache.get('value:3')).toStrictEqual({ list: [1], at: new Date(1), bytes: new Uint8Array([1]) });
    }
  });
});
