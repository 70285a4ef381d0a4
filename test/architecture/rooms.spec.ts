import { describe, expect, it } from 'vitest';
import { barrelUsers, ROOMS, trespasses } from './support/rooms.js';
import { cyclesOf } from './support/cycles.js';
import { graphOf } from './support/imports.js';
import { isSpec, only, planted, readTree } from './support/tree.js';

const LIB = 'libs/cache/src';
const everything = readTree(['libs', 'apps', 'test/e2e', 'test/browser'], '.ts');
const library = only(everything, (path) => path.startsWith(LIB));

describe('the rooms', () => {
  it('import only what they may', () => {
    expect(trespasses(everything)).toEqual([]);
  });

  it('are all there are: every file of the library is in one', () => {
    const lost = [...library.keys()].filter(
      (path) => !ROOMS.some(({ folder }) => path.replace('.spec.ts', '.ts').startsWith(`${LIB}/${folder}`)),
    );
    expect(lost).toEqual([]);
  });

  it.each([
    ['core/cache/x.ts', `import { readFile } from 'node:fs';`],
    ['core/cache/x.ts', `import { Injectable } from '@nestjs/common';`],
    ['core/cache/x.ts', `import { MemoryLayer } from '../../drivers/memory/memory-layer.js';`],
    ['core/cache/x.ts', `const { readFile } = require('fs');`],
    ['core/cache/x.ts', `const fs = await import('node:fs');`],
    ['core/cache/x.ts', `export { Injectable } from '@nestjs/common';`],
    ['core/cache/x.ts', `type Pool = import('ioredis').Redis;`],
    ['core/keys/x.ts', `import type { Cache } from '../cache/cache.js';`],
    ['core/layers/x.ts', `import { Flights } from '../cache/flights.js';`],
    ['drivers/memory/x.ts', `import { messagePack } from '../codec/message-pack.js';`],
    ['drivers/codec/x.ts', `import { stableHash } from '../hash/stable-hash.js';`],
    ['drivers/redis/x.ts', `import { Redis } from 'ioredis';`],
    ['drivers/memory/x.ts', `import { Injectable } from '@nestjs/common';`],
    ['nest/services/x.ts', `import { MemoryLayer } from '../../drivers/memory/memory-layer.js';`],
    ['nest/services/x.ts', `import { AsyncLocalStorage } from 'node:async_hooks';`],
    ['nest/services/x.ts', `import { Min } from 'class-validator';`],
    ['nest/services/x.ts', `import { Redis } from 'ioredis';`],
    ['index.ts', `export { MemoryLayer } from './drivers/memory/memory-layer.js';`],
    ['core/keys/x.spec.ts', `import { Test } from '@nestjs/testing';`],
    ['elsewhere/x.ts', `import './y.js';`],
  ])('refuse a planted %s: %s', (path, text) => {
    expect(trespasses(planted({ [`${LIB}/${path}`]: text }))).toHaveLength(1);
  });

  it.each([
    ['apps/demo/src/x.ts', `import { Cache } from '../../../libs/cache/src/core/cache/cache.js';`],
    ['apps/demo/src/x.ts', `import { Cache } from '@datapunk/cache/dist/core/cache/cache';`],
    ['test/e2e/x.spec.ts', `import { Cache } from '../../libs/cache/src/core/cache/cache.js';`],
  ])('keep users outside: a planted %s: %s', (path, text) => {
    expect(trespasses(planted({ [path]: text }))).toHaveLength(1);
  });

  it.each([
    ['core/cache/x.ts', `import type { Readable } from 'node:stream';`],
    ['core/cache/x.ts', `import { show } from '../keys/escape.js';`],
    ['nest/composition.ts', `import { MemoryLayer } from '../drivers/memory/memory-layer.js';`],
    ['core/keys/x.spec.ts', `import { it } from 'vitest';`],
  ])('let pass %s: %s', (path, text) => {
    expect(trespasses(planted({ [`${LIB}/${path}`]: text }))).toEqual([]);
  });
});

describe('the barrels', () => {
  it('are imported by nobody inside', () => {
    expect(barrelUsers(library)).toEqual([]);
  });

  it.each(['../index.js', '../testing.js', '@datapunk/cache'])('are noticed when somebody does: %s', (specifier) => {
    const tree = planted({ [`${LIB}/nest/x.ts`]: `import { CacheService } from '${specifier}';` });
    expect(barrelUsers(tree)).toHaveLength(1);
  });
});

describe('imports', () => {
  it('make no cycle, types included', () => {
    expect(cyclesOf(graphOf(only(everything, (path) => !isSpec(path))))).toEqual([]);
  });

  it('are seen to make one when a planted type closes the circle', () => {
    const tree = planted({
      'a.ts': `import { b } from './b.js';`,
      'b.ts': `export * from './c.js';`,
      'c.ts': `export type A = import('./a.js').A;`,
      'd.ts': `import './a.js';`,
    });
    expect(cyclesOf(graphOf(tree))).toEqual([['a.ts', 'b.ts', 'c.ts']]);
  });
});
