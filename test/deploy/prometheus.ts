import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HOST, freePort } from '../support/redis/ports.js';
import { install, isDebian, unpack } from '../support/redis/debian.js';
import { run } from '../support/redis/run.js';
import { eventually } from '../support/redis/wait.js';

const CACHE = resolve('.cache/prometheus');

export interface PrometheusTools {
  readonly prometheus: string;
  readonly promtool: string;
}

function toolsIn(folder: string): PrometheusTools | undefined {
  const tools = { prometheus: join(folder, 'prometheus'), promtool: join(folder, 'promtool') };
  const isThere = Object.values(tools).every((path) => existsSync(path) && run(path, ['--version']).ok);
  return isThere ? tools : undefined;
}

/** Those of PROMETHEUS_BIN (a folder), of the machine, or of Debian. Never skips: what no Prometheus has read is not tested. */
export function obtainPrometheus(): PrometheusTools {
  const chosen = process.env.PROMETHEUS_BIN ?? '/usr/bin';
  const unpacked = join(CACHE, 'usr/bin');
  const found = toolsIn(chosen) ?? toolsIn(unpacked);
  if (found !== undefined) return found;
  const said = isDebian() ? unpack(['prometheus'], CACHE).said : 'this is no Debian';
  const fetched = toolsIn(unpacked) ?? (isRoot() && install(['prometheus']).ok ? toolsIn('/usr/bin') : undefined);
  if (fetched !== undefined) return fetched;
  throw new Error(
    `These tests need Prometheus: on Debian apt-get install prometheus, elsewhere set PROMETHEUS_BIN to the folder of prometheus and promtool. Tried to unpack it: ${said.split('\n').at(-1)}`,
  );
}

const isRoot = (): boolean => isDebian() && process.getuid?.() === 0;

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A Prometheus of its own, with a folder that goes with it. */
export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    private readonly data: string,
  ) {}

  static async start(config: string): Promise<Prometheus> {
    const { prometheus } = obtainPrometheus();
    const port = await freePort();
    const data = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${HOST}:${port}`,
      '--log.level=warn',
    ];
    const child = spawn(prometheus, args, { stdio: 'ignore' });
    const started = new Prometheus(child, `http://${HOST}:${port}`, data);
    await eventually('Prometheus is ready', async () => {
      const answer = await fetch(`${started.url}/-/ready`).catch(() => undefined);
      return answer?.ok === true;
    });
    return started;
  }

  /** The names of the alerts that fire. */
  async firing(): Promise<string[]> {
    const answer = await fetch(`${this.url}/api/v1/alerts`);
    const { data } = (await answer.json()) as { data: { alerts: Alert[] } };
    return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alert'] ?? '');
  }

  /** The value of an expression, where it has one. */
  async value(expression: string): Promise<number | undefined> {
    const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    const [first] = data.result;
    return first === undefined ? undefined : Number(first.value[1]);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}
