import { spawnSync } from 'node:child_process';

/** What came of a command: whether it succeeded, and all it said. */
export interface Outcome {
  readonly ok: boolean;
  readonly said: string;
}

/** Runs a command to its end; one that is not there has failed like any other. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Outcome {
  const env = { ...process.env, ...options.env };
  const { status, stdout, stderr, error } = spawnSync(command, [...args], { cwd: options.cwd, env, encoding: 'utf8' });
  return { ok: status === 0, said: error ? error.message : `${stdout}${stderr}`.trim() };
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}
