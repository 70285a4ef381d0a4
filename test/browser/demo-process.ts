import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '../..');
const MAIN = join(ROOT, 'dist-apps/demo/apps/demo/src/main.js');
const NEST = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');

export interface Demo {
  readonly url: string;
  /** asks it to stop, as a terminal or an orchestrator would, and gives its exit code */
  stop(): Promise<number | null>;
}

/** Builds the demo as `npm start` does and runs it as a process of its own on a free port. */
export async function startDemo(): Promise<Demo> {
  const built = spawnSync(process.execPath, [NEST, 'build', 'demo'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the demo does not build:\n${built.stdout}${built.stderr}`);
  const env: NodeJS.ProcessEnv = { ...process.env, PORT: '0', HOST: '127.0.0.1', NO_COLOR: '1' };
  // the embedded database, whatever the surroundings say
  delete env.DATABASE_URL;
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { url: await readUrl(child), stop: () => stop(child) };
}

async function readUrl(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  child.stderr?.on('data', (chunk) => said.push(String(chunk)));
  if (child.stdout) {
    for await (const line of createInterface(child.stdout)) {
      said.push(line);
      const url = /^The lake is open: (\S+)$/.exec(line)?.[1];
      if (url) {
        child.stdout.resume();
        return url;
      }
    }
  }
  throw new Error(`the demo ended before it was ready:\n${said.join('\n')}`);
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return child.exitCode;
}
