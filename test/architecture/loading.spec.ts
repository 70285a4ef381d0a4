import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf } from './support/imports.js';
import { loadedBy } from './support/loaded.js';
import { isSpec, only, planted, readTree, ROOT, type Tree } from './support/tree.js';

const LIB = 'libs/cache/src';
const library = only(readTree(['libs'], '.ts'), (path) => !isSpec(path));
const core = only(library, (path) => path.startsWith(`${LIB}/core/`));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('loading core', () => {
  it('loads no package and no part of Node', () => {
    expect(loadedBy(core, [...core.keys()], 'without packages')).toEqual([]);
  });

  it('is seen to load when a planted file does', () => {
    const tree = planted({
      'core/a.ts': `import { b } from './b.js'; console.log; export const a = b;`,
      'core/b.ts': `import { join } from 'node:path'; export const b = join('a', 'b');`,
    });
    expect(loadedBy(tree, ['core/a.ts'], 'without packages')).toEqual(['node:path']);
  });

  it('fails where a planted file needs a package', () => {
    const tree = planted({ 'core/a.ts': `import { validate } from 'class-validator'; export const a = validate;` });
    expect(() => loadedBy(tree, ['core/a.ts'], 'without packages')).toThrow(/class-validator/);
  });
});

describe('loading the door', () => {
  it('loads Nest, its own dependencies, and nothing that a user may not have: ioredis only where Redis is configured', () => {
    expect(loadedBy(library, [`${LIB}/index.ts`], 'with packages')).toEqual([
      '@msgpack/msgpack',
      '@nestjs/common',
      '@nestjs/core',
      'class-validator',
      'cluster-key-slot',
      'cockatiel',
      'node:async_hooks',
      'node:crypto',
      'node:net',
      'node:tls',
      'node:util',
      'rxjs',
    ]);
  });

  it('of the testing module needs no more', () => {
    const asked = loadedBy(library, [`${LIB}/testing.ts`], 'with packages');
    expect(asked.filter((name) => !isBuiltin(name))).toEqual([
      '@msgpack/msgpack',
      '@nestjs/common',
      '@nestjs/core',
      'class-validator',
      'cluster-key-slot',
      'cockatiel',
      'rxjs',
    ]);
  });
});

describe('package.json', () => {
  it('declares every package that the library imports, and those alone beside what Nest asks for', () => {
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    expect(packagesOf(library)).toEqual(declared.filter((name) => name !== 'reflect-metadata').toSorted());
  });

  it('is held against types as well', () => {
    expect(packagesOf(planted({ 'a.ts': `import type { Redis } from 'ioredis/built/index.js';` }))).toEqual([
      'ioredis',
    ]);
  });
});

function packagesOf(tree: Tree): string[] {
  const specifiers = [...tree].flatMap(([path, text]) => importsOf(path, text).filter((one) => !one.isRelative));
  const packages = specifiers.map(({ specifier }) => specifier).filter((name) => !isBuiltin(name));
  return [
    ...new Set(
      packages.map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
    ),
  ].toSorted();
}
