import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { ROOT, type Tree } from './tree.js';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.CommonJS,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
};

/** Loads every module named on the command line and prints what they, and they alone, asked Node for. */
const WATCH = `
  const Module = require('node:module');
  const own = process.cwd() + '/out/';
  const asked = new Set();
  const load = Module._load;
  Module._load = function (request, parent, ...rest) {
    const from = parent?.filename ?? '';
    if (from.startsWith(own) && !/^[./]/.test(request)) asked.add(request);
    return load.call(this, request, parent, ...rest);
  };
  for (const file of process.argv.slice(1)) require(own + file);
  Module._load = load;
  console.log(JSON.stringify([...asked].sort()));
`;

/**
 * Compiles the files and loads some of them in a process of its own.
 * @returns the packages and Node built-ins that they asked for themselves.
 * @throws when one of them cannot be loaded.
 */
export function loadedBy(
  tree: Tree,
  entries: readonly string[],
  packages: 'with packages' | 'without packages',
): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'datapunk-load-'));
  try {
    for (const [path, text] of tree) {
      const file = join(folder, 'out', path.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, ts.transpileModule(text, { compilerOptions: OPTIONS, fileName: path }).outputText);
    }
    if (packages === 'with packages') symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    return load(folder, entries);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function load(folder: string, entries: readonly string[]): string[] {
  const files = entries.map((entry) => entry.replace(/\.ts$/, '.js'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', WATCH, ...files], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_PATH: '', NODE_OPTIONS: '' },
  });
  if (status !== 0) throw new Error(`cannot be loaded: ${stderr}`);
  const asked: string[] = JSON.parse(stdout);
  return asked;
}
