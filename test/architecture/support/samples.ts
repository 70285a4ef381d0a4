import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, type Tree } from './tree.js';

/** One ```ts block of a document. A block inside an HTML comment counts as well, and is not shown to readers. */
export interface Sample {
  readonly document: string;
  /** Where its first line stands in the document. */
  readonly line: number;
  readonly text: string;
  readonly hidden: boolean;
}

const FENCE = /^[ \t]*```(\w*)[^\n]*\n([\s\S]*?)^[ \t]*```[ \t]*$/gm;

export function samplesOf(documents: Tree): Sample[] {
  return [...documents].flatMap(([document, text]) =>
    [...text.matchAll(FENCE)]
      .filter(([, language]) => language === 'ts' || language === 'typescript')
      .map((match) => {
        const before = text.slice(0, match.index);
        const hidden = before.lastIndexOf('<!--') > before.lastIndexOf('-->');
        return { document, line: before.split('\n').length + 1, text: match[2] ?? '', hidden };
      }),
  );
}

/**
 * Type-checks samples as a user of the package, strictly. A document is read from the top: a block sees what the blocks
 * before it in the same document imported and declared, and nothing else.
 */
export function complaintsAbout(samples: readonly Sample[]): string[] {
  const modules = samples.map((sample, at) => ({ sample, path: join(ROOT, 'docs', `sample-${at}.ts`) }));
  const texts = new Map<string, string>();
  const heads = new Map<string, number>();
  let known = new Map<string, string>();
  let document = '';
  for (const { sample, path } of modules) {
    if (sample.document !== document) known = new Map();
    document = sample.document;
    const names = namesIn(sample.text);
    const carried = [...known].filter(([name]) => !names.all.has(name)).map(([, line]) => line);
    heads.set(path, carried.length);
    texts.set(path, [...carried, sample.text, names.exports].join('\n'));
    for (const [name, line] of names.imports) known.set(name, line);
    for (const [name, kind] of names.declared)
      known.set(name, `import ${kind}{ ${name} } from '${path.replace('.ts', '')}';`);
  }
  const at = new Map(modules.map(({ sample, path }) => [path, sample]));
  return diagnose(texts).map(({ file, start, messageText }) => {
    const sample = file === undefined ? undefined : at.get(file.fileName);
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (file === undefined || sample === undefined) return message;
    const line = file.getLineAndCharacterOfPosition(start ?? 0).line - (heads.get(file.fileName) ?? 0);
    return `${sample.document}:${sample.line + line} ${message}`;
  });
}

interface Names {
  readonly all: ReadonlySet<string>;
  /** The statement that imports each name. */
  readonly imports: ReadonlyMap<string, string>;
  /** What the block declares at its top: `'type '` for what is gone after compilation. */
  readonly declared: ReadonlyMap<string, 'type ' | ''>;
  /** Exports for later blocks what the block keeps to itself. */
  readonly exports: string;
}

function namesIn(text: string): Names {
  const { statements } = ts.createSourceFile('sample.ts', text, ts.ScriptTarget.ES2023, true);
  const imports = new Map(statements.filter(ts.isImportDeclaration).flatMap(importedNames));
  const declared = new Map<string, 'type ' | ''>();
  const kept: string[] = [];
  for (const statement of statements) {
    for (const name of declaredNames(statement)) {
      const kind = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) ? 'type ' : '';
      declared.set(name, kind);
      if (!isExported(statement)) kept.push(`${kind}${name}`);
    }
  }
  return {
    all: new Set([...imports.keys(), ...declared.keys()]),
    imports,
    declared,
    exports: `export { ${kept.join(', ')} };`,
  };
}

function importedNames({ importClause, moduleSpecifier }: ts.ImportDeclaration): [string, string][] {
  const named = importClause?.namedBindings;
  if (importClause === undefined || named === undefined || !ts.isNamedImports(named)) return [];
  const from = moduleSpecifier.getText();
  const whole = importClause.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type ' : '';
  return named.elements.map((one) => [one.name.text, `import ${whole}{ ${one.getText()} } from ${from};`]);
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const isNamed =
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** The house's own compiler options, as an ES module so that a sample may await, and without the rule of unused names. */
function optionsOfHouse(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return {
    ...options,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noUnusedLocals: false,
    noUnusedParameters: false,
    declaration: false,
    noEmit: true,
  };
}

function diagnose(texts: ReadonlyMap<string, string>): ts.Diagnostic[] {
  const options = optionsOfHouse();
  const host = ts.createCompilerHost(options);
  const withSamples: ts.CompilerHost = {
    ...host,
    fileExists: (path) => texts.has(path) || host.fileExists(path),
    readFile: (path) => texts.get(path) ?? host.readFile(path),
    getSourceFile: (path, target, ...rest) => {
      const text = texts.get(path);
      if (text === undefined) return host.getSourceFile(path, target, ...rest);
      return ts.createSourceFile(path, text, target, true);
    },
  };
  const program = ts.createProgram([...texts.keys()], options, withSamples);
  return [...texts.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
}
