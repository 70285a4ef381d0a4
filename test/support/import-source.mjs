import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';

/** What was compiled once stays here: a test starts many processes, and compiling costs each two seconds. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/datapunk-source', import.meta.url));

/** The package's own name means its source, not what was built of it once. */
const DOOR = fileURLToPath(new URL('../../libs/cache/src/index.ts', import.meta.url));

const modules = new Map();
let ts;

/** Imports a TypeScript file, and those it imports, into a plain Node script: no build, no flag, any Node we support. */
export function importSource(file) {
  const known = modules.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  modules.set(file, module);
  const names = ['module', 'exports', 'require', '__dirname', '__filename'];
  const body = compileFunction(compiled(file), names, { filename: file });
  body(module, module.exports, requireFrom(file), dirname(file), file);
  return module.exports;
}

function compiled(file) {
  const text = readFileSync(file, 'utf8');
  const place = join(CACHE, `${createHash('sha1').update(text).digest('hex')}.js`);
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return keep(place, compile(file, text));
  }
}

function compile(file, text) {
  ts ??= createRequire(import.meta.url)('typescript');
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2023,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  return ts.transpileModule(text, { fileName: file, compilerOptions }).outputText;
}

/** Written beside and moved: other processes do the same. */
function keep(place, code) {
  const fresh = `${place}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(fresh, code);
  renameSync(fresh, place);
  return code;
}

function requireFrom(file) {
  const require = createRequire(file);
  return (name) => {
    if (name === '@datapunk/cache') return importSource(DOOR);
    return name.startsWith('.') ? importSource(join(dirname(file), name.replace(/\.js$/, '.ts'))) : require(name);
  };
}
