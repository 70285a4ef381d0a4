import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeySpace } from './key-space.js';
import { parseKey } from './parse-key.js';
import { renderKey } from './render.js';

const space = new KeySpace('lake');

/** Values that would run into one another if escaping were any weaker. */
const awkward = fc.constantFrom(
  '',
  '%',
  '%_',
  '%-',
  '%2C',
  ',',
  ':',
  '{',
  '}',
  '*',
  '\0',
  '-',
  '_',
  '.',
  '~',
  'é',
  'e\u0301',
  '😀',
  ' ',
  '+',
  "'",
  '(',
  '!',
  'a',
  'A',
  '1',
  '01',
);
const text = fc.oneof(
  awkward,
  fc.array(awkward, { maxLength: 4 }).map((all) => all.join('')),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const part = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -9n, max: 9n ** 20n }),
  fc.boolean(),
);
const maybe = fc.oneof({ weight: 8, arbitrary: part }, { weight: 1, arbitrary: fc.constantFrom(undefined, null) });

const templates = ['a:{0?}', 'a:x{0?}y', 'a:{0?},{1?}', 'a:{0?},x,{1?}', 'a:{0?}:{1?}', 'a:{0?},{1?}:p{2?}.,{3?}'].map(
  (source) => space.template(source),
);

type Part = string | number | bigint | boolean | null | undefined;
const identity = (values: readonly Part[]) =>
  JSON.stringify(values.map((value) => (value == null ? null : String(value))));

/** A template of so many holes and nothing else. */
const holes = (count: number) => space.template(`a:${Array.from({ length: count }, (_, i) => `{${i}?}`).join(',')}`);

function accepted(key: string): boolean {
  try {
    return space.normalize(key) === key;
  } catch {
    return false;
  }
}

describe('keys', { timeout: 60_000 }, () => {
  it.each(templates)('of $source differ when their values do, over 25,000 tuples', (template) => {
    const seen = new Map<string, string>();
    let tuples = 0;
    const tuple = fc.array(maybe, { minLength: template.holes.length, maxLength: template.holes.length });
    fc.assert(
      fc.property(tuple, (values) => {
        const key = renderKey(template, values);
        const known = seen.get(key);
        const id = identity(values);
        if (known !== undefined && known !== id) throw new Error(`${key} stands for ${known} and ${id}`);
        seen.set(key, id);
        tuples++;
      }),
      { numRuns: 25_000 },
    );
    expect(tuples).toBeGreaterThanOrEqual(25_000);
    expect(seen.size).toBeGreaterThan(200);
  });

  it('are in the grammar, keep their id, and can be read back', () => {
    const template = space.template('a:{0?},{1?}');
    fc.assert(
      fc.property(maybe, maybe, (a, b) => {
        const key = renderKey(template, [a, b]);
        expect(space.normalize(key)).toBe(key);
        expect(space.normalize(space.full(key))).toBe(key);
        const read = parseKey(key);
        expect(read.root === 'app' && identity(read.id)).toBe(identity([a, b]));
      }),
      { numRuns: 5_000 },
    );
  });

  it('have one spelling: text that is taken is what its own values give', () => {
    const unit = fc.constantFrom('%20', '%2C', '%C3%A9', '%41', '%', '_', '-', ',', 'a', '2', ' ', '%_', '%-', 'é');
    let taken = 0;
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 5 }), (units) => {
        const id = units.join('');
        // Markers beside text, and pieces without any, come from templates with literals.
        if (id.split(',').some((piece) => piece === '' || /.%[_-]|%[_-]./.test(piece)) || !accepted(`a:${id}`)) return;
        taken++;
        const read = parseKey(`a:${id}`);
        if (read.root === 'app') expect(renderKey(holes(read.id.length), read.id)).toBe(`a:${id}`);
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(1_000);
  });

  it('know 1 and "1" for one identity', () => {
    const template = space.template('a:{0}');
    expect(new Set([1, '1', 1n].map((value) => renderKey(template, [value])))).toEqual(new Set(['a:1']));
    expect(renderKey(template, [-0])).toBe('a:0');
    expect(renderKey(template, [1e21])).toBe('a:1e%2B21');
  });
});
