import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { ROOT, type Tree } from './tree.js';

/** A test that a page names: `[its title](../its/file.spec.ts)`. */
export interface Proof {
  readonly page: string;
  readonly line: number;
  readonly file: string;
  readonly title: string;
}

const LINK = /\[((?:[^[\]\\]|\\.)*)\]\(([^)#\s]+\.(?:spec|contract)\.ts)\)/g;

/** Every test that the pages name. */
export function proofsOf(pages: Tree): Proof[] {
  return [...pages].flatMap(([page, text]) =>
    text.split('\n').flatMap((line, at) =>
      [...line.matchAll(LINK)].map(([, title = '', file = '']) => ({
        page,
        line: at + 1,
        file: join(dirname(page), file),
        title: title.replaceAll(/\\(.)/g, '$1'),
      })),
    ),
  );
}

/** What is wrong with them, by page and line. */
export function brokenProofs(proofs: readonly Proof[], read: (file: string) => string | undefined = textOf): string[] {
  const known = new Map<string, ReadonlySet<string>>();
  return proofs.flatMap(({ page, line, file, title }) => {
    const titles = known.get(file) ?? titlesOf(read(file));
    known.set(file, titles);
    return titles.has(title) ? [] : [`${page}:${line} ${file}: ${title}`];
  });
}

function textOf(file: string): string | undefined {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** The titles of a spec's tests as its source has them: `%s` and `${…}` stay. */
export function titlesOf(text = ''): ReadonlySet<string> {
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
      else if (title !== undefined && ts.isTemplateExpression(title)) titles.add(title.getText().slice(1, -1));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.spec.ts', text, ts.ScriptTarget.ES2023, true));
  return titles;
}

/** `it(…)`, `it.each(…)(…)` and what else begins so. */
function isTest(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return node.text === 'it' || node.text === 'test';
  if (ts.isTaggedTemplateExpression(node)) return isTest(node.tag);
  return (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) && isTest(node.expression);
}
