import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaintsAbout, samplesOf } from './support/samples.js';
import { only, planted, readTree, ROOT } from './support/tree.js';

const documents = only(readTree(['README.md', 'docs', 'apps'], '.md'), (path) => path.endsWith('.md'));
const fence = (code: string): string => ['```ts', code, '```'].join('\n');

describe('samples', () => {
  const samples = samplesOf(documents);

  it('are found', () => {
    expect(samples.filter(({ document }) => document === 'README.md').length).toBeGreaterThan(5);
  });

  it('compile', () => {
    expect(complaintsAbout(samples)).toEqual([]);
  });

  it('hide at most 12 lines of a document from its readers', () => {
    const hidden = new Map<string, number>();
    for (const sample of samples.filter((one) => one.hidden)) {
      hidden.set(sample.document, (hidden.get(sample.document) ?? 0) + sample.text.split('\n').length - 1);
    }
    expect([...hidden].filter(([, lines]) => lines > 12)).toEqual([]);
  });

  it('are refused where they are wrong, by document and line', () => {
    const good = `import { defineKey, ReadThrough } from '@datapunk/cache';\nconst key = defineKey('product:{id}').holds<{ id: number }>();`;
    const bad = `class Products {\n  @ReadThrough(key)\n  async find(id: number) { return { id: String(id) }; }\n}`;
    const tree = planted({
      'a.md': `# A\n${fence(good)}\ntext\n${fence(bad)}\n`,
      'b.md': `# B\n${fence(`defineKey('product:{id}');`)}\n<!--\n${fence('let x: string = 1;')}\n-->\n${fence('export const y: string = 1;')}`,
    });
    const complaints = complaintsAbout(samplesOf(tree));
    expect(complaints.map((text) => text.split(' ')[0])).toEqual(['a.md:9', 'b.md:3', 'b.md:7', 'b.md:11']);
    expect(samplesOf(tree).map(({ hidden }) => hidden)).toEqual([false, false, false, true, false]);
  });
});

describe('links and commands', () => {
  it('lead somewhere', () => {
    const dead = [...documents].flatMap(([path, text]) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .filter(([, link = '']) => !existsSync(join(ROOT, dirname(path), link)))
        .map(([, link]) => `${path}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('exist in package.json', () => {
    const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    );
    const unknown = [...documents].flatMap(([path, text]) =>
      [...text.matchAll(/npm (?:run )?(test(?::\w+)?|start|(?<=run )[\w:]+)/g)]
        .filter(([, name = '']) => scripts[name] === undefined)
        .map(([command]) => `${path}: ${command}`),
    );
    expect(unknown).toEqual([]);
  });
});
