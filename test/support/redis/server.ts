import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, HOST } from './ports.js';
import { dataFolder, tell } from './reaper.js';
import { fields, type Reply } from './reply.js';
import { eventually } from './wait.js';
import { type Arg, Wire, type WireOptions } from './wire.js';
import type { RedisBinary } from './find-server.js';

export interface Launch {
  readonly binary: RedisBinary;
  /** everything behind the program's name; called again for every port that is tried, never for a restart */
  readonly args: (port: number, folder: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** absent: any free one */
  readonly port?: number | undefined;
  /** how the bootstrap itself signs in */
  readonly access?: Pick<WireOptions, 'username' | 'password' | 'ca'>;
}

/** One server process of ours, on one port of loopback for all its lives. */
export class RedisServer {
  readonly host = HOST;
  private child: ChildProcess | undefined;
  private stopped = false;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly plan: Launch & { readonly argv: readonly string[] },
  ) {}

  /** Starts it and waits for its first answer. A port that somebody took in between is exchanged for another. */
  static async launch(plan: Launch): Promise<RedisServer> {
    for (let tries = 1; ; tries += 1) {
      const port = plan.port ?? (await freePort());
      const folder = dataFolder();
      const server = new RedisServer(port, folder, { ...plan, argv: plan.args(port, folder) });
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.stop();
        const portTaken = error instanceof Error && error.message.includes('Address already in use');
        if (!portTaken || plan.port !== undefined || tries === 3) throw error;
      }
    }
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error(`the server of port ${this.port} does not run`);
    return this.child.pid;
  }

  get running(): boolean {
    return this.child !== undefined;
  }

  /** whether it runs and does not stand still */
  get awake(): boolean {
    return this.running && !this.stopped;
  }

  /** One command over a connection of its own, so that it works whatever happened before. */
  async call(...args: Arg[]): Promise<Reply> {
    const wire = await this.open();
    try {
      return await wire.call(...args);
    } finally {
      wire.close();
    }
  }

  open(options: Partial<WireOptions> = {}): Promise<Wire> {
    return Wire.open({ host: this.host, port: this.port, ...this.plan.access, ...options });
  }

  /** SIGSTOP: connections stay, answers do not come. */
  async pause(): Promise<void> {
    const { pid } = this;
    process.kill(pid, 'SIGSTOP');
    this.stopped = true;
    if (process.platform === 'linux') await eventually('it stands still', () => stateOf(pid) === 'T');
  }

  /** SIGCONT */
  resume(): void {
    process.kill(this.pid, 'SIGCONT');
    this.stopped = false;
  }

  /** SIGKILL: connections break, what was in memory is gone. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** The same port and settings again, in a new process; one that still runs is asked to end first. */
  async restart(): Promise<void> {
    await this.end('SIGTERM');
    await this.start();
  }

  /** Ends it for good and removes its data. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the server has written to its log. */
  log(): string {
    return readFileSync(join(this.folder, 'redis.log'), 'utf8');
  }

  private async start(): Promise<void> {
    const { binary, argv, env } = this.plan;
    const log = openSync(join(this.folder, 'redis.log'), 'a');
    const child = spawn(binary.path, [...argv], {
      cwd: this.folder,
      env: { ...process.env, LC_ALL: 'C', ...binary.env, ...env },
      stdio: ['ignore', log, log],
      // A Ctrl-C of the terminal is for us; the reaper ends the servers.
      detached: true,
    });
    closeSync(log);
    child.unref();
    this.adopt(child);
    await eventually(`the server of port ${this.port} answers or ends`, () => this.answers(child));
    if (this.child !== child) throw new Error(`${binary.path} did not start on port ${this.port}:\n${this.log()}`);
  }

  private adopt(child: ChildProcess): void {
    const { pid } = child;
    child.once('error', () => this.forget(child));
    if (pid === undefined) return;
    tell('born', pid);
    this.child = child;
    child.once('exit', () => {
      tell('gone', pid);
      this.forget(child);
    });
  }

  private forget(child: ChildProcess): void {
    if (this.child === child) this.child = undefined;
    this.stopped = false;
  }

  /** Asks who answers: on a port that another had taken it is the other. */
  private async answers(child: ChildProcess): Promise<boolean> {
    if (this.child !== child) return true;
    return fields(await this.call('INFO', 'server')).get('process_id') === String(child.pid);
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const ended = once(child, 'exit');
    child.ref();
    // A process that stands still hears nothing but SIGKILL.
    child.kill(this.stopped ? 'SIGKILL' : signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), 1_000);
    await ended;
    clearTimeout(patience);
  }
}

/** The letter of `/proc/<pid>/stat` behind the name in brackets. */
function stateOf(pid: number): string | undefined {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}
