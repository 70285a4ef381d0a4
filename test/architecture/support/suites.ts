import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, type Tree } from './tree.js';

export interface Suite {
  readonly name: string;
  readonly include: readonly string[];
}

interface Config {
  readonly default: { readonly test: { readonly projects: readonly { readonly test: Suite }[] } };
}

/** The projects of `vitest.config.mts`. */
export async function readSuites(): Promise<Suite[]> {
  const { default: config }: Config = await import(pathToFileURL(join(ROOT, 'vitest.config.mts')).href);
  return config.test.projects.map(({ test: { name, include } }) => ({ name, include }));
}

/** The names of the suites that run a spec. */
export function suitesOf(path: string, suites: readonly Suite[]): string[] {
  return suites.filter(({ include }) => include.some((glob) => pattern(glob).test(path))).map(({ name }) => name);
}

/** The two wildcards in use here: `**` for folders, `*` for part of a name. */
function pattern(glob: string): RegExp {
  const source = glob
    .replaceAll('.', '\\.')
    .replaceAll('**/', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '(?:.*/)?');
  return new RegExp(`^${source}$`);
}

const HIDES = new Set(['skip', 'only', 'todo', 'skipIf', 'runIf']);
const RUNS = new Set(['it', 'test', 'describe', 'suite', 'context', 'task']);

/** Where a spec leaves tests out, or leaves out all others. */
export function hidden(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) => {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (hides(node)) {
        found.push(
          `${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${node.getText(source).slice(0, 60)}`,
        );
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

function hides(node: ts.Node): boolean {
  if (ts.isIdentifier(node)) return /^[xf](?:it|describe|test)$/.test(node.text) && ts.isCallExpression(node.parent);
  return ts.isPropertyAccessExpression(node) && HIDES.has(node.name.text) && RUNS.has(root(node));
}

/** The name that a chain such as `it.each([…]).skip` starts with. */
function root(node: ts.Node): string {
  if (ts.isIdentifier(node)) return node.text;
  const inner = ts.isPropertyAccessExpression(node) || ts.isCallExpression(node) || ts.isTaggedTemplateExpression(node);
  if (!inner) return '';
  return root(ts.isTaggedTemplateExpression(node) ? node.tag : node.expression);
}
