import ts from 'typescript';
import type { Tree } from './tree.js';

const MOST_LINES = 40;
const MOST_PARAMETERS = 3;

/** Classes whose constructors Nest calls. */
const INJECTED = new Set(['Injectable', 'Module', 'Controller', 'Catch']);

export interface Measures {
  /** Lines of each file, least first. */
  readonly sizes: readonly number[];
  /** Lines that are neither empty nor comment. */
  readonly code: number;
  /** Where the type `any` is written. */
  readonly any: readonly string[];
  /** Where the compiler is told that something is not null. */
  readonly bangs: readonly string[];
  /** Where the compiler or the linter is told to look away. */
  readonly ignores: readonly string[];
  readonly longFunctions: readonly string[];
  readonly wideFunctions: readonly string[];
  /** Ports of more than eight methods. */
  readonly widePorts: readonly string[];
  /** Where time or chance is read. */
  readonly clocks: readonly string[];
  /** Classes named for nothing in particular. */
  readonly vagueNames: readonly string[];
}

type Findings = { -readonly [K in keyof Measures]: Measures[K] extends readonly string[] ? string[] : Measures[K] };

export function median(sizes: readonly number[]): number {
  return sizes[Math.floor((sizes.length - 1) / 2)] ?? 0;
}

/** Counts what the house rules limit. */
export function measure(tree: Tree): Measures {
  const found: Findings = {
    sizes: [...tree.values()].map((text) => text.split('\n').length - 1).toSorted((a, b) => a - b),
    code: 0,
    any: [],
    bangs: [],
    ignores: [],
    longFunctions: [],
    wideFunctions: [],
    widePorts: [],
    clocks: [],
    vagueNames: [],
  };
  for (const [path, text] of tree) {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
    found.code += codeLines(text);
    text.split('\n').forEach((line, at) => {
      if (LOOKS_AWAY.test(line)) found.ignores.push(`${path}:${at + 1}`);
    });
    const visit = (node: ts.Node): void => {
      inspect(node, source, found);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

const LOOKS_AWAY = /@ts-(?:ignore|nocheck|expect-error)|(?:eslint|oxlint)-disable/;
const CLOCKS = /^(?:Date\.now|performance\.now|Math\.random|setTimeout|setInterval)$/;
const VAGUE = /Manager|Helper|Utils?$|^Base[A-Z]|^Abstract[A-Z]/;

function inspect(node: ts.Node, source: ts.SourceFile, found: Findings): void {
  const line = (at: number): number => source.getLineAndCharacterOfPosition(at).line + 1;
  const place = `${source.fileName}:${line(node.getStart(source))}`;
  if (node.kind === ts.SyntaxKind.AnyKeyword) found.any.push(place);
  if (ts.isNonNullExpression(node)) found.bangs.push(place);
  if (ts.isPropertyDeclaration(node) && node.exclamationToken !== undefined) found.bangs.push(place);
  if (ts.isInterfaceDeclaration(node) && node.members.filter(ts.isMethodSignature).length > 8) {
    found.widePorts.push(`${place} ${node.name.text}`);
  }
  if (ts.isClassDeclaration(node) && VAGUE.test(node.name?.text ?? ''))
    found.vagueNames.push(`${place} ${node.name?.text}`);
  if (isUse(node) && CLOCKS.test(node.getText(source))) found.clocks.push(`${place} ${node.getText(source)}`);
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
  const lines = line(node.end) - line(node.getStart(source)) + 1;
  if (lines > MOST_LINES) found.longFunctions.push(`${place} has ${lines} lines`);
  const parameters = node.parameters.filter(({ name }) => name.getText(source) !== 'this').length;
  if (parameters > MOST_PARAMETERS && !isCalledByNest(node))
    found.wideFunctions.push(`${place} has ${parameters} parameters`);
}

/** `Math.random` and `setTimeout` where they are used, not where they are named in a type or as a property. */
function isUse(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return true;
  return ts.isIdentifier(node) && ts.isCallExpression(node.parent) && node.parent.expression === node;
}

/** Injection fills these; nobody has to remember the order. */
function isCalledByNest(node: ts.SignatureDeclaration): boolean {
  if (ts.isPropertyAssignment(node.parent)) return node.parent.name.getText() === 'useFactory';
  if (!ts.isConstructorDeclaration(node)) return false;
  return (ts.getDecorators(node.parent) ?? []).some(
    ({ expression }) =>
      ts.isCallExpression(expression) &&
      ts.isIdentifier(expression.expression) &&
      INJECTED.has(expression.expression.text),
  );
}

function codeLines(text: string): number {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, '');
  return bare.split('\n').filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;
}
