import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '../../..');
const MAIN = join(ROOT, 'dist-apps/demo/apps/demo/src/main.js');
const NEST = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');

export interface Demo {
  readonly url: string;
  /** what it has said so far, line by line */
  readonly said: readonly string[];
  /** asks it to stop, as a terminal or an orchestrator would, and gives its exit code */
  stop(): Promise<number | null>;
}

/** Builds the demo as `npm start` does. */
export function buildDemo(): void {
  const built = spawnSync(process.execPath, [NEST, 'build', 'demo'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the demo does not build:\n${built.stdout}${built.stderr}`);
}

/**
 * Runs the built demo as a process of its own on a free port.
 * @throws when it ends before it is ready, with its exit code and all it said.
 */
export async function startDemo(settings: Readonly<Record<string, string>> = {}): Promise<Demo> {
  // Empty is not set: the embedded database and no Redis, whatever the surroundings say.
  const own = { HOST: '127.0.0.1', PORT: '0', DATABASE_URL: '', REDIS_URL: '', REDIS_NODES: '', NO_COLOR: '1' };
  const env: NodeJS.ProcessEnv = { ...process.env, ...own, ...settings };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  return { url: await readUrl(child, said), said, stop: () => stop(child) };
}

async function readUrl(child: ChildProcess, said: string[]): Promise<string> {
  const ended = once(child, 'close');
  child.stderr?.on('data', (chunk) => said.push(String(chunk)));
  const url = child.stdout && (await urlIn(child.stdout, said));
  if (url) return url;
  const [code] = await ended;
  throw new Error(`the demo ended with code ${code} before it was ready:\n${said.join('\n')}`);
}

function urlIn(output: NodeJS.ReadableStream, said: string[]): Promise<string | undefined> {
  const lines = createInterface(output);
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      said.push(line);
      const url = /^The lake is open: (\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
    });
    lines.on('close', () => resolve(undefined));
  });
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return child.exitCode;
}
