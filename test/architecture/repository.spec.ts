import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planted, readTree, ROOT, topLevel, type Tree } from './support/tree.js';

/** STANDARD.md, row `layout`. The compose file and `deploy/` come with Redis. */
const FIXED = [
  'LICENSE',
  'README.md',
  'apps',
  'bench',
  'docs',
  'libs',
  'nest-cli.json',
  'package.json',
  'test',
  'tsconfig.build.json',
  'tsconfig.json',
];
const LATER = ['deploy', 'docker-compose.yml'];

const TOOLS = [
  '.ci',
  '.gitignore',
  '.npmrc',
  '.oxlintrc.json',
  '.prettierignore',
  '.prettierrc.json',
  'package-lock.json',
  'vitest.config.mts',
];

const TEXTS = ['.ts', '.mts', '.mjs', '.js', '.json', '.md', '.yml', '.sh', '.html', '.css', '.npmrc', '.ci/run'];

/** Folders of one machine, and addresses of one registry; put together here so that this file names none. */
const MACHINE = new RegExp(String.raw`(?<![\w.)}\]*-])/(?:${['work', 'root', 'home', 'Users'].join('|')})/`);
const REGISTRY = new RegExp(
  String.raw`${'regis'}try\.[\w-]+\.|//[\w.-]*(?:artifactory|verdaccio|nexus)|^\s*${'regis'}try\s*=`,
);

function linesLike(tree: Tree, pattern: RegExp): string[] {
  return [...tree].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : [])),
  );
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

/** Optional dependencies that the lock file does not know, neither beside their parent nor above it. */
function unlocked({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) => {
    const folders = path.split('/node_modules/').map((_, at, parts) => parts.slice(0, at + 1).join('/node_modules/'));
    const places = ['node_modules/', ...folders.map((folder) => `${folder}/node_modules/`)];
    return Object.keys(optionalDependencies)
      .filter((name) => !places.some((place) => packages[`${place}${name}`] !== undefined))
      .map((name) => `${path} needs ${name}`);
  });
}

describe('the top level', () => {
  it('holds what the standard fixes, and tool configuration', () => {
    const found = topLevel().filter((name) => !TOOLS.includes(name) && !LATER.includes(name));
    expect(found.toSorted()).toEqual(FIXED);
  });
});

describe('files', () => {
  const all = readTree(topLevel(), ...TEXTS);

  it('are seen at all', () => {
    expect(all.size).toBeGreaterThan(200);
    expect([...all.keys()]).toEqual(expect.arrayContaining(['package-lock.json', '.npmrc', '.ci/run']));
  });

  it('name no folder of a machine', () => expect(linesLike(all, MACHINE)).toEqual([]));

  it('name no registry', () => expect(linesLike(all, REGISTRY)).toEqual([]));

  it('lock versions and hashes, but no addresses', () => {
    expect(linesLike(readTree(['package-lock.json']), /"resolved": "(?!node_modules)/)).toEqual([]);
    expect(linesLike(readTree(['package-lock.json']), /"integrity": "sha512-/).length).toBeGreaterThan(100);
  });

  it('lock every package, also those of other platforms, without which `npm ci` refuses the lock file', () => {
    expect(unlocked(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')))).toEqual([]);
  });

  it('are caught when one is missing', () => {
    const tool = { optionalDependencies: { 'tool-linux': '1.0.0', 'tool-darwin': '1.0.0' } };
    const lock = { packages: { 'node_modules/a/node_modules/tool': tool, 'node_modules/tool-linux': {} } };
    expect(unlocked(lock)).toEqual(['node_modules/a/node_modules/tool needs tool-darwin']);
  });

  const [work, root, registry] = ['/w,ork', '/r,oot', 'regis,try'].map((word) => word.replace(',', ''));

  it.each([
    [MACHINE, `cd ${work}/main`],
    [MACHINE, `"path": "${root}/.npm/x"`],
    [REGISTRY, `https://${registry}.npmjs.org/x`],
    [REGISTRY, `${registry}=https://example.org`],
  ])('are caught when they do: %s in %s', (pattern, line) => {
    expect(linesLike(planted({ a: `first\n${line}` }), pattern)).toEqual(['a:2']);
  });

  it.each(['../work/x', 'import { work } from "./root/x"', 'https://example.org/home/', "'@nestjs/common'"])(
    'may say %s',
    (line) => {
      expect([...linesLike(planted({ a: line }), MACHINE), ...linesLike(planted({ a: line }), REGISTRY)]).toEqual([]);
    },
  );
});
