import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES } from './compilers.js';

/** Where generated fixtures go; the specs clear it away. */
export const GENERATED = join(FIXTURES, 'generated/');

/** Ten methods, each with its own template, so that no two decorators share a check. */
function methods(i: number, keep: (decorator: string) => string): string {
  const all: readonly (readonly [decorator: string, method: string])[] = [
    [`@ReadThrough('user${i}:{0}')`, `async a${i}(id: string): Promise<Dto> { return { id, nested: { n: ${i} } }; }`],
    [`@ReadThrough('user${i}:{0},{1?}:x')`, `async b${i}(id: string, n?: number) { return id + n; }`],
    [`@ReadThrough('app:lake:user${i}:{0.id}:{0.nested.n}')`, `async c${i}(d: Dto) { return d; }`],
    [
      `@ReadThrough(key${i}, { ttl: '5m' })`,
      `async d${i}(id: number): Promise<Dto> { return { id: String(id), nested: { n: 1 } }; }`,
    ],
    [`@WriteThrough(key${i}.at({ id: '0.id' }))`, `async e${i}(d: Dto): Promise<Dto> { return d; }`],
    [`@WriteThrough('other${i}:{0.id}', { value: '0' })`, `async f${i}(d: Dto): Promise<void> { void d; }`],
    [`@Evict('user${i}:{0.id}') @Evict('list${i}:{result.id}')`, `async g${i}(d: Dto): Promise<Dto> { return d; }`],
    [`@Evict('user${i}:{0.*.id}')`, `async h${i}(d: Dto[]): Promise<void> { void d; }`],
    [`@CacheAside('count${i}:{0}')`, `async i${i}(id: string): Promise<number> { return id.length; }`],
    [`@RequestCached({ key: 'r${i}:{0.id}' })`, `async j${i}(d: Dto) { return d; }`],
  ];
  return all.map(([decorator, method]) => `  ${keep(decorator)} ${method}`).join('\n');
}

/** A file of so many methods and the tsconfig that compiles it; `keep` says what becomes of a decorator. */
export function writeMethods(name: string, count: number, keep: (decorator: string) => string): string {
  mkdirSync(GENERATED, { recursive: true });
  const groups = Array.from({ length: count / 10 }, (_, i) => i);
  const source = [
    `import { CacheAside, defineKey, Evict, ReadThrough, RequestCached, WriteThrough } from '@datapunk/cache';`,
    `export const used = [CacheAside, Evict, ReadThrough, RequestCached, WriteThrough];`,
    `interface Dto { id: string; nested: { n: number } }`,
    ...groups.map((i) => `export const key${i} = defineKey('thing${i}:{id}').holds<Dto>();`),
    ...groups.map((i) => `export class Service${i} {\n${methods(i, keep)}\n}`),
  ];
  writeFileSync(`${GENERATED}${name}.ts`, source.join('\n'));
  const config = `${GENERATED}tsconfig.${name}.json`;
  writeFileSync(config, JSON.stringify({ extends: '../tsconfig.strict.json', files: [`${name}.ts`] }));
  return config;
}
