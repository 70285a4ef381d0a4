import { posix } from 'node:path';
import ts from 'typescript';
import type { Tree } from './tree.js';

export interface Import {
  /** As written: `../errors.js`, `node:crypto`. */
  readonly specifier: string;
  /** Path from the root of a file in the tree; the specifier where it is a package or a Node built-in. */
  readonly to: string;
  readonly isRelative: boolean;
  /** Whether it is gone after compilation. */
  readonly isType: boolean;
  readonly line: number;
}

/** Everything a file imports: `import`, `export … from`, `import()`, `require()` and `import('…')` types. */
export function importsOf(path: string, text: string): Import[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const { specifier, isType } = importAt(node) ?? {};
    if (specifier !== undefined && isType !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      const isRelative = specifier.startsWith('.');
      const to = isRelative ? posix.join(posix.dirname(path), specifier.replace(/\.js$/, '.ts')) : specifier;
      found.push({ specifier, to, isRelative, isType, line });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The imports of every file that lead to a file, as a graph. */
export function graphOf(tree: Tree): ReadonlyMap<string, readonly string[]> {
  return new Map([...tree].map(([path, text]) => [path, importsOf(path, text).map(({ to }) => to)]));
}

function importAt(node: ts.Node): { specifier: string; isType: boolean } | undefined {
  if (ts.isImportDeclaration(node)) return literal(node.moduleSpecifier, isTypeOnly(node.importClause));
  if (ts.isExportDeclaration(node)) return literal(node.moduleSpecifier, node.isTypeOnly || hasOnlyTypes(node));
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal, true);
  if (ts.isExternalModuleReference(node)) return literal(node.expression, false);
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression;
  const loads =
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text.startsWith('require'));
  return loads ? literal(node.arguments[0], false) : undefined;
}

function literal(node: ts.Node | undefined, isType: boolean): { specifier: string; isType: boolean } | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? { specifier: node.text, isType } : undefined;
}

/** `import type …`, or braces that hold only `type` names. A bare `import 'x'` runs the module. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

function hasOnlyTypes({ exportClause }: ts.ExportDeclaration): boolean {
  return (
    exportClause !== undefined &&
    ts.isNamedExports(exportClause) &&
    exportClause.elements.every((element) => element.isTypeOnly)
  );
}
