/** Keys that are in the grammar, and near its edges. */
export const ODD_KEYS = [
  'town:1',
  'town:%_:%-',
  'town:a,b,,c',
  'town:%E2%82%AC~._-',
  'app:other:town:1',
  'toString:__proto__',
  'town:constructor',
  `town:${'x'.repeat(500)}`,
];

/** A value of every kind, by what it is. */
export const VALUES: readonly (readonly [string, unknown])[] = [
  ['null, a cached nothing', null],
  ['false', false],
  ['zero', 0],
  ['the empty string', ''],
  ['text beyond Latin', '€ 𝄞 \ud800 \0'],
  ['a bigint', -(2n ** 70n)],
  ['nested data', { a: [{ b: undefined }, null], __proto: {} }],
  ['Date, Map, Set and bytes', { at: new Date(5), map: new Map([[1, new Set(['x'])]]), bytes: new Uint8Array([1, 2]) }],
  ['a big one', Array.from({ length: 20_000 }, (_, at) => ({ at, text: `item ${at}` }))],
];

/** Pairs of versions, assigned and the source's, by why the second may replace the first. */
export const NEWER: readonly (readonly [string, readonly [number, bigint?], readonly [number, bigint?]])[] = [
  ['a higher assigned version', [1], [2]],
  ['the same version', [1], [1]],
  ['a higher source version, though it was assigned lower', [9, 1n], [1, 2n]],
  ['the same source version, though it was assigned lower', [9, 5n], [1, 5n]],
  ['a positive source version over a negative', [1, -1n], [1, 0n]],
  ['a source version beyond 53 bits, by its last bit', [1, 2n ** 62n], [1, 2n ** 62n + 1n]],
  ['an assigned version that differs in its last bit', [1_763_830_000_123_456], [1_763_830_000_123_457]],
  ['a higher assigned version over one with a source', [1, 9n], [2]],
  ['a higher assigned version with a source over one without', [1], [2, 1n]],
];
