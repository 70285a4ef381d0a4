import { describe, expect, it } from 'vitest';
import { brokenProofs, proofsOf, titlesOf } from './support/proofs.js';
import { isSpec, only, planted, readTree } from './support/tree.js';

const pages = only(readTree(['docs'], '.md'), (path) => /\/(?:pitfalls|comparison)\.md$/.test(path));
const pitfalls = pages.get('docs/pitfalls.md') ?? '';
const rows = pitfalls.split('\n').flatMap((line) => {
  const [, number, , proof = ''] = line.split('|').map((cell) => cell.trim());
  return /^\d+$/.test(number ?? '') ? [{ number: Number(number), proof }] : [];
});

describe('the tests that pages name', () => {
  it('are there, under these titles', () => {
    expect(brokenProofs(proofsOf(pages))).toEqual([]);
  });

  it('are missed where a title or a file is another', () => {
    const text = `it('holds', () => {});\nit.each([1])('is \${one} of %s', () => {});`;
    const read = (file: string) => (file === 'test/a.spec.ts' ? text : undefined);
    const page = '[holds](../test/a.spec.ts) [falls](../test/a.spec.ts)\n[holds](../test/b.spec.ts)';
    expect(brokenProofs(proofsOf(planted({ 'docs/a.md': page })), read)).toEqual([
      'docs/a.md:1 test/a.spec.ts: falls',
      'docs/a.md:2 test/b.spec.ts: holds',
    ]);
  });
});

describe('the page of pitfalls', () => {
  it('has each of the 48 once, with a test or a reason', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 48 }, (_, at) => at + 1));
    const unproven = rows.filter(({ proof }) => !/\.spec\.ts\)|^Cannot apply: ./.test(proof));
    expect(unproven.map(({ number }) => number)).toEqual([]);
  });

  it('names every test that was written for one', () => {
    const specs = only(
      readTree(['test/pitfalls', 'test/e2e/shared'], '.ts'),
      (path) => isSpec(path) && /pitfalls/.test(path),
    );
    const named = new Set(proofsOf(pages).map(({ file, title }) => `${file}: ${title}`));
    const written = [...specs].flatMap(([path, text]) => [...titlesOf(text)].map((title) => `${path}: ${title}`));
    expect(written.filter((test) => !named.has(test))).toEqual([]);
    expect(written.filter((test) => !/: \d+ /.test(test))).toEqual([]);
  });
});
