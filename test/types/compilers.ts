import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The compilers users have. TypeScript 7 has no API, so all of them run as `tsc`. */
export const COMPILERS = { '5.9': 'typescript-5', '6': 'typescript', '7': 'typescript-7' } as const;
export type Compiler = keyof typeof COMPILERS;
export const VERSIONS = ['5.9', '6', '7'] as const;

export const FIXTURES = join(__dirname, 'fixtures/');
const ROOT = join(__dirname, '../../');

/** Where the library's declarations go: what a user compiles against is `.d.ts`, not our sources. */
const DECLARATIONS = `${ROOT}node_modules/.cache/datapunk-types`;

/** One complaint of a compiler. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly text: string;
}

const HEAD = /^(?<file>[^\s(][^(]*)\((?<line>\d+),\d+\): error (?<code>TS\d+): (?<text>.*)$/;
const GLOBAL = /^error (?<code>TS\d+): (?<text>.*)$/;

/** Runs `tsc` and reads what it says. */
export async function compile(compiler: Compiler, ...args: readonly string[]): Promise<Diagnostic[]> {
  return read(await run(process.execPath, tsc(compiler, args)));
}

/** Seconds of processor time that `tsc` takes, its own and its children's: a busy machine does not change it much. */
export async function cost(compiler: Compiler, ...args: readonly string[]): Promise<number> {
  const output = await run('bash', ['-c', '"$@" && times', 'tsc', process.execPath, ...tsc(compiler, args)]);
  const [minutes = NaN, seconds = NaN, systemMinutes = NaN, systemSeconds = NaN] =
    /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(output)?.slice(1).map(Number) ?? [];
  const total = (minutes + systemMinutes) * 60 + seconds + systemSeconds;
  if (Number.isNaN(total)) throw new Error(`tsc said: ${output}`);
  return total;
}

function tsc(compiler: Compiler, args: readonly string[]): readonly string[] {
  return [join(ROOT, 'node_modules', COMPILERS[compiler], 'bin/tsc'), '--pretty', 'false', ...args];
}

/** Emits the declarations of the library, once a run. */
export async function emitDeclarations(): Promise<Diagnostic[]> {
  return compile('6', '-p', `${FIXTURES}tsconfig.declarations.json`, '--outDir', DECLARATIONS);
}

function read(output: string): Diagnostic[] {
  const found: { file: string; line: number; code: string; text: string }[] = [];
  for (const line of output.split('\n')) {
    const { file = '', line: at = '0', code, text } = (HEAD.exec(line) ?? GLOBAL.exec(line))?.groups ?? {};
    const last = found.at(-1);
    if (code !== undefined && text !== undefined) found.push({ file, line: Number(at), code, text });
    else if (last !== undefined && line.startsWith(' ')) last.text += `\n${line.trim()}`;
    else if (line.trim() !== '') throw new Error(`tsc said: ${output}`);
  }
  return found;
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
