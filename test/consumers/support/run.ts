import { spawn } from 'node:child_process';

export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** What the surroundings of this test run would tell the programs of an application that knows nothing of it. */
const OURS =
  /^(?:npm_(?:package|lifecycle|command|execpath|node_execpath|config_local_prefix)|VITEST|NODE_ENV$|NODE_OPTIONS$|NODE_PATH$|TEST$|DEV$|PROD$|MODE$|BASE_URL$|SSR$)/;

const env: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name))),
  CI: 'true',
  NO_COLOR: '1',
  NO_UPDATE_NOTIFIER: '1',
};

/** Runs a program to its end and gives all that it said. */
export function run(cwd: string, command: string, ...args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const hear = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The same for a program that must succeed. */
export async function succeed(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await run(cwd, command, ...args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code} in ${cwd}:\n${output}`);
  return output;
}

/** Runs a file on a version of Node: the one at hand if it is that, else one from the npm registry. */
export async function onNode(major: number, cwd: string, file: string): Promise<Finished> {
  const own = Number(process.versions.node.split('.')[0]);
  if (own === major) return run(cwd, process.execPath, file);
  const { code, output } = await run(cwd, 'npx', '-y', '-p', `node@${major}`, 'node', file);
  return { code, output: output.replaceAll(/^npm warn .*\n/gm, '') };
}
