import { describe, expect, it } from 'vitest';
import { hidden, readSuites, suitesOf } from './support/suites.js';
import { isSpec, only, planted, readTree } from './support/tree.js';

const specs = only(readTree(['libs', 'apps', 'test'], '.ts'), isSpec);

describe('every suite', () => {
  it('has specs to run', async () => {
    const suites = await readSuites();
    const empty = suites.filter((suite) => ![...specs.keys()].some((path) => suitesOf(path, [suite]).length > 0));
    expect(empty.map(({ name }) => name)).toEqual([]);
  });

  it('shares none of them with another, and leaves none out, but for the backends', async () => {
    const suites = await readSuites();
    const odd = [...specs.keys()].filter(
      (path) => !/^test\/(?:e2e|pitfalls)\//.test(path) && suitesOf(path, suites).length !== 1,
    );
    expect(odd).toEqual([]);
  });

  it('of a backend has every spec of the patterns, and the others where they have something to show', async () => {
    const suites = await readSuites();
    const ran = (folder: string) => {
      const paths = [...specs.keys()].filter((path) => path.startsWith(`test/e2e/${folder}`));
      return [...new Set(paths.map((path) => suitesOf(path, suites).join()))];
    };
    const overRedis = 'e2e-redis,e2e-cluster,e2e-redis-cold';
    expect(ran('embedded/')).toEqual(['e2e']);
    expect(ran('shared/')).toEqual([overRedis]);
    expect(ran('').toSorted()).toEqual(['e2e', `e2e,${overRedis}`, overRedis].toSorted());
    const pitfalls = [...specs.keys()].filter((path) => path.startsWith('test/pitfalls/'));
    expect(new Set(pitfalls.map((path) => suitesOf(path, suites).join()))).toEqual(new Set([`e2e,${overRedis}`]));
  });

  it('is seen to miss or share a planted spec', () => {
    const suites = [
      { name: 'one', include: ['test/one/**/*.spec.ts'] },
      { name: 'two', include: ['test/**/*.spec.ts', 'libs/**/*.spec.ts'] },
    ];
    expect(suitesOf('test/one/a/b.spec.ts', suites)).toEqual(['one', 'two']);
    expect(suitesOf('test/one/b.spec.ts', suites)).toEqual(['one', 'two']);
    expect(suitesOf('apps/b.spec.ts', suites)).toEqual([]);
    expect(suitesOf('libs/b.spec.tsx', suites)).toEqual([]);
  });
});

describe('specs', () => {
  it('hide no test', () => {
    expect(hidden(specs)).toEqual([]);
  });

  it.each([
    `it.skip('x', () => {});`,
    `describe.only('x', () => {});`,
    `test.todo('x');`,
    `it.each([1]).skip('x', () => {});`,
    `it.skipIf(isCI)('x', () => {});`,
    `describe.concurrent.skip('x', () => {});`,
    `it('x', (context) => context.skip());`,
    `xit('x', () => {});`,
  ])('are caught hiding one: %s', (text) => {
    expect(hidden(planted({ 'a.spec.ts': text }))).toHaveLength(1);
  });

  it('may skip what is not a test', () => {
    expect(hidden(planted({ 'a.spec.ts': `pages.skip(1); const only = text.only; it('skips', () => {});` }))).toEqual(
      [],
    );
  });
});
