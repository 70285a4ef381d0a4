import { describe, expect, it } from 'vitest';
import { measure, median } from './support/measure.js';
import { isSpec, only, planted, readTree } from './support/tree.js';

const sources = only(readTree(['libs', 'apps'], '.ts'), (path) => !isSpec(path) && !path.endsWith('.d.ts'));
const library = only(sources, (path) => path.startsWith('libs/'));
const core = only(library, (path) => path.includes('/core/'));
const measured = measure(sources);

/** The door's services, the one that stands in for them, and the cache they hand their calls to, say in their parameters what users write. */
const DOOR = ['/nest/services/', '/nest/testing/bypass-service.ts', '/core/cache/cache.ts'];
const isDoor = (place: string): boolean => DOOR.some((part) => place.includes(part));

/** The only files that know what time it is and what chance says. */
const WORLD = ['core/shared/system-clock.ts', 'nest/composition.ts'];

describe('files', () => {
  it('have a median of at most 60 lines and none over 300', () => {
    const { sizes } = measure(library);
    expect(median(sizes)).toBeLessThanOrEqual(60);
    expect([...sources].filter(([, text]) => text.split('\n').length > 301).map(([path]) => path)).toEqual([]);
  });

  it('are named in kebab-case', () => {
    const odd = [...sources.keys()].filter((path) => !/^[a-z0-9/.-]+$/.test(path));
    expect(odd).toEqual([]);
  });
});

describe('functions', () => {
  it('are at most 40 lines long', () => {
    expect(measured.longFunctions).toEqual([]);
  });

  it("take at most 3 parameters, the door's services excepted", () => {
    expect(measured.wideFunctions.filter((place) => !isDoor(place))).toEqual([]);
  });
});

describe('types', () => {
  it('hold no any in core, and at most 3 in a thousand lines elsewhere', () => {
    expect(measure(core).any).toEqual([]);
    expect((measured.any.length * 1_000) / measured.code).toBeLessThanOrEqual(3);
  });

  it('are never overruled by a bang or a comment', () => {
    expect(measured.bangs).toEqual([]);
    expect(measured.ignores).toEqual([]);
  });

  it('make ports of at most 8 methods', () => {
    expect(measure(core).widePorts).toEqual([]);
  });
});

describe('words', () => {
  it('name no Manager, Helper, Utils or Base', () => {
    expect(measured.vagueNames).toEqual([]);
  });
});

describe('time and chance', () => {
  it('are injected: one clock and the composition know the real ones', () => {
    const elsewhere = measure(library).clocks.filter((place) => !WORLD.some((file) => place.includes(file)));
    expect(elsewhere).toEqual([]);
  });

  it('are not waited for in unit specs', () => {
    const specs = only(readTree(['libs'], '.ts'), isSpec);
    const waits = measure(specs).clocks.filter((place) => /set(?:Timeout|Interval)/.test(place));
    expect(waits).toEqual([]);
  });
});

describe('the measure', () => {
  const body = 'x();\n'.repeat(40);
  it.each([
    ['longFunctions', `function f() {\n${body}}`],
    ['longFunctions', `const f = () => {\n${body}};`],
    ['longFunctions', `class C { m() {\n${body}} }`],
    ['wideFunctions', `function f(a: 1, b: 1, c: 1, d: 1) {}`],
    ['wideFunctions', `class C { constructor(a: 1, b: 1, c: 1, d: 1) {} }`],
    ['any', `let x: any;`],
    ['any', `f(x as any);`],
    ['bangs', `x!.y;`],
    ['bangs', `class C { x!: string }`],
    ['ignores', ['// @ts', 'ignore'].join('-')],
    ['ignores', ['// oxlint', 'disable-next-line no-console'].join('-')],
    ['widePorts', `interface P { ${'abcdefghi'.replaceAll(/./g, '$&(): void;')} }`],
    ['vagueNames', `class CacheManager {}`],
    ['clocks', `const now = Date.now();`],
    ['clocks', `setTimeout(() => {}, 1);`],
  ] as const)('notices planted %s', (rule, text) => {
    expect(measure(planted({ 'planted.ts': text }))[rule]).toHaveLength(1);
  });

  it.each([
    ['wideFunctions', `@Injectable() class C { constructor(a: 1, b: 1, c: 1, d: 1) {} }`],
    ['wideFunctions', `const p = { useFactory: (a: 1, b: 1, c: 1, d: 1) => a };`],
    ['wideFunctions', `function f(this: C, a: 1, b: 1, c: 1) {}`],
    ['bangs', `if (!x) y();`],
    ['any', `const anything = 'any';`],
  ] as const)('lets pass what %s does not mean', (rule, text) => {
    expect(measure(planted({ 'planted.ts': text }))[rule]).toEqual([]);
  });

  it('counts lines and finds the middle', () => {
    const { sizes, code } = measure(planted({ 'a.ts': '\n\n\n', 'b.ts': 'x;\n', 'c.ts': '// a\n/* b\n */\ny;\n\n' }));
    expect(sizes).toEqual([1, 3, 5]);
    expect(median(sizes)).toBe(3);
    expect(code).toBe(2);
  });
});
