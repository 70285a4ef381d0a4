import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';

const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true };

const modules = new Map();

/** Imports a TypeScript file, and those it imports, into a plain Node script: no build, no flag, any Node we support. */
export function importSource(file) {
  const known = modules.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  modules.set(file, module);
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { fileName: file, compilerOptions });
  const names = ['module', 'exports', 'require', '__dirname', '__filename'];
  const body = compileFunction(outputText, names, { filename: file });
  body(module, module.exports, requireFrom(file), dirname(file), file);
  return module.exports;
}

function requireFrom(file) {
  const require = createRequire(file);
  return (name) =>
    name.startsWith('.') ? importSource(join(dirname(file), name.replace(/\.js$/, '.ts'))) : require(name);
}
