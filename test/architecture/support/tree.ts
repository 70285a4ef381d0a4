import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const ROOT = join(__dirname, '../../..');

/** Texts by path from the root, with forward slashes. A spec plants a wrong one to show that its rule can fail. */
export type Tree = ReadonlyMap<string, string>;

/** What git does not keep, by the names in `.gitignore`. */
const IGNORED = new Set([
  '.git',
  ...readFileSync(join(ROOT, '.gitignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.includes('*'))
    .map((line) => line.replaceAll('/', '')),
]);

/** What stands at the top of the repository. */
export function topLevel(): string[] {
  return readdirSync(ROOT).filter((name) => !IGNORED.has(name) && !name.endsWith('.tgz') && !name.endsWith('.log'));
}

/** The files under the given folders and files whose names end with one of the endings (none: all). */
export function readTree(places: readonly string[], ...endings: readonly string[]): Tree {
  const paths = places.flatMap((place) => (statSync(join(ROOT, place)).isDirectory() ? walk(place) : [place]));
  const wanted = paths.filter((path) => endings.length === 0 || endings.some((ending) => path.endsWith(ending)));
  return new Map(wanted.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

/** A tree made of texts. */
export function planted(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files));
}

export function only(tree: Tree, keep: (path: string) => boolean): Tree {
  return new Map([...tree].filter(([path]) => keep(path)));
}

export const isSpec = (path: string): boolean => path.endsWith('.spec.ts');

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !IGNORED.has(name))
    .flatMap((item) => {
      const path = relative(ROOT, join(ROOT, folder, item.name))
        .split(sep)
        .join('/');
      return item.isDirectory() ? walk(path) : [path];
    });
}
