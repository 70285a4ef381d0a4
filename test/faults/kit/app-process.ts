import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tell } from '../../support/redis/reaper.js';
import { eventually } from '../../support/redis/wait.js';

const MAIN = join(__dirname, 'app-process.mjs');

/** What an application's file exports as `start`. */
export type StartApp<Options, Methods> = (options: Options, tell: (what: string) => void) => Methods | Promise<Methods>;

interface Answer {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly told?: string;
}

/**
 * An application in a process of its own, to be frozen and killed. Its file is TypeScript, exports `start` and is talked
 * to by the names of the methods that `start` gives; what they take and give is cloned as `structuredClone` does.
 */
export class AppProcess {
  /** What the application has told by itself, in order. */
  readonly told: string[] = [];
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #calls = 0;
  #said = '';

  private constructor(private readonly child: ChildProcess) {
    child.stderr?.on('data', (chunk) => (this.#said += String(chunk)));
    child.on('message', (message) => this.#hear(message as Answer));
  }

  /** @param file full path. @throws when it ends before it is ready, with what it said. */
  static async start(file: string, options: object): Promise<AppProcess> {
    const child = spawn(process.execPath, [MAIN, JSON.stringify({ file, options })], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    const app = new AppProcess(child);
    // A frozen process does not notice that its parent has gone.
    tell('born', app.pid);
    child.once('exit', () => app.#ended());
    await eventually('the application is ready', () => app.told.includes('ready') || !app.isRunning);
    if (!app.isRunning) throw new Error(`${file} ended before it was ready:\n${app.#said}`);
    app.told.length = 0;
    return app;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the application was not started');
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Calls one of its methods. Rejects with what it throws, or when it ends before it answers. */
  call<T = unknown>(method: string, ...args: readonly unknown[]): Promise<T> {
    const id = (this.#calls += 1);
    return new Promise<T>((take, fail) => {
      this.#answers.set(id, ({ value, error }) => (error === undefined ? take(value as T) : fail(new Error(error))));
      if (this.isRunning) this.child.send({ id, method, args });
      else this.#ended();
    });
  }

  /** SIGSTOP: its connections and what it holds stay, its timers do not run. */
  async freeze(): Promise<void> {
    process.kill(this.pid, 'SIGSTOP');
    if (process.platform !== 'linux') return;
    await eventually('it stands still', () => /\) T /.test(readFileSync(`/proc/${this.pid}/stat`, 'utf8')));
  }

  /** SIGCONT */
  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** SIGKILL: nothing is given back. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  #hear(answer: Answer): void {
    if (answer.told !== undefined) this.told.push(answer.told);
    if (answer.id === undefined) return;
    this.#answers.get(answer.id)?.(answer);
    this.#answers.delete(answer.id);
  }

  #ended(): void {
    tell('gone', this.pid);
    for (const answer of this.#answers.values()) answer({ error: `the application has ended\n${this.#said}` });
    this.#answers.clear();
  }
}
