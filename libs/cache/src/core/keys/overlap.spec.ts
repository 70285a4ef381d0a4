import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeySpace } from './key-space.js';
import { overlap, shapePattern } from './overlap.js';
import { renderKey } from './render.js';

const space = new KeySpace('lake', ['other']);
const common = (a: string, b: string) => overlap(space.template(a), space.template(b));

describe('overlap', { timeout: 60_000 }, () => {
  it.each([
    ['user:all', 'user:{0}', 'user:all'],
    ['user:u_{0}', 'user:{0}', 'user:u_x'],
    ['user:{0}b', 'user:a{0}', 'user:axb'],
    ['user:ab{0}', 'user:{0}ab', 'user:abxab'],
    ['user:ab', 'user:a{0}', 'user:ab'],
    ['user:{0}:x', 'user:1:{0}', 'user:1:x'],
    ['user:{0},b', 'user:a,{0}', 'user:a,b'],
    ['app:lake:user:{0}', 'user:all', 'user:all'],
    ['user:a{0?}', 'user:{@tenant}', 'user:ax'],
  ])('finds the key that %s and %s share', (a, b, key) => {
    expect(common(a, b)).toBe(key);
    expect(common(b, a)).toBe(key);
  });

  it.each([
    ['user:all', 'user:none'],
    ['user:all', 'users:{0}'],
    ['user:a{0}', 'user:b{0}'],
    ['user:{0}a', 'user:{0}b'],
    ['user:a', 'user:a{0}'],
    ['user:aa', 'user:a{0}a'],
    ['user:{0}', 'user:{0}:x'],
    ['user:{0}', 'user:{0},{1}'],
    ['user:{0},a', 'user:{0},b'],
    ['app:other:user:{0}', 'user:all'],
    ['user:{0}', 'user:{1.id?}'],
  ])('finds none for %s and %s', (a, b) => {
    expect(common(a, b)).toBeUndefined();
  });

  it('is exact: over all small pieces it says yes where two templates meet, and nowhere else', () => {
    const words = (longest: number): string[] =>
      longest === 0 ? [''] : ['', ...words(longest - 1).flatMap((word) => [`a${word}`, `b${word}`])];
    const literals = words(3).filter((word) => word !== '');
    const holes = words(2).flatMap((before) => words(2).map((after) => `${before}{0?}${after}`));
    const values = [...words(5), ' ', 'a b', undefined];
    const all = [...literals, ...holes].map((piece) => {
      const template = space.template(`e:${piece}`);
      return { template, keys: new Set(values.map((value) => renderKey(template, [value]))) };
    });
    for (const a of all) {
      for (const b of all) {
        if (a === b) continue;
        const meet = [...a.keys].some((key) => b.keys.has(key));
        expect([a.template.source, b.template.source, overlap(a.template, b.template) !== undefined]).toEqual([
          a.template.source,
          b.template.source,
          meet,
        ]);
      }
    }
  });

  const literal = fc.string({ unit: fc.constantFrom('a', '2', '0'), maxLength: 1 });
  const piece = fc.oneof(
    fc.constantFrom('a', '2a'),
    fc.tuple(literal, literal).map(([before, after]) => `${before}{}${after}`),
  );
  const segment = fc.array(piece, { minLength: 1, maxLength: 2 }).map((pieces) => pieces.join(','));
  const template = fc.array(segment, { minLength: 1, maxLength: 2 }).map((segments) => {
    let index = 0;
    return space.template(`e:${segments.join(':')}`.replaceAll('{}', () => `{${index++}?}`));
  });
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '2', '0', ' '), maxLength: 2 }),
    fc.constant(undefined),
  );
  const values = fc.array(value, { minLength: 4, maxLength: 4 });

  it('names a key that both templates give', () => {
    let found = 0;
    fc.assert(
      fc.property(template, template, (a, b) => {
        const key = overlap(a, b);
        if (key === undefined) return;
        found++;
        expect(space.normalize(key)).toBe(key);
        expect(shapePattern(a.shape).test(key) && shapePattern(b.shape).test(key)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(found).toBeGreaterThan(50);
  });

  it('matches a key with its own template, and with another only where the two overlap', () => {
    fc.assert(
      fc.property(template, template, values, (a, b, tuple) => {
        const key = renderKey(a, tuple);
        expect(shapePattern(a.shape).test(key)).toBe(true);
        if (a.shape !== b.shape && overlap(a, b) === undefined) expect(shapePattern(b.shape).test(key)).toBe(false);
      }),
      { numRuns: 20_000 },
    );
  });
});
