import { join } from 'node:path';
import { eventually } from '../../support/redis/wait.js';
import { AppProcess } from '../kit/app-process.js';
import type { Told, Turn } from './turn.js';
import type { WorkerOptions } from './worker.app.js';

const APP = join(__dirname, 'worker.app.ts');

/** Processes that had the same place before have other numbers: their values are others. */
const NEXT = 100;

/** How long a worker that was struck may take until everything works for it again, ms. */
const WELL_MS = 20_000;

/** Enough of them that every primary has some. */
const PROBES = Array.from({ length: 16 }, (_, at) => `probe:${at}`);

/** A place in the fleet, and the application that has it at the moment. */
export class Worker {
  #app: AppProcess | undefined;
  #turn: Turn | undefined;
  #told: Promise<Told | undefined>[] = [];
  #done = 0;
  #number: number;

  constructor(private readonly options: WorkerOptions) {
    this.#number = options.number;
  }

  async start(): Promise<void> {
    this.#app = await AppProcess.start(APP, { ...this.options, number: this.#number });
    if (this.#turn !== undefined) this.#run(this.#turn);
  }

  /** What it sees in this turn, and those that come in its place; one that is killed tells nothing of itself. */
  begin(turn: Turn): void {
    this.#turn = turn;
    this.#told = [];
    this.#done = 0;
    this.#run(turn);
  }

  /** @throws what a worker that still runs has failed with */
  async told(): Promise<readonly Told[]> {
    const all = await Promise.all(this.#told);
    this.#turn = undefined;
    return all.filter((one) => one !== undefined);
  }

  /** How many operations of the turn have ended, as far as it can still tell. */
  async done(): Promise<number> {
    if (this.#app?.isRunning) this.#done = await this.#app.call<number>('done');
    return this.#done;
  }

  async halt(): Promise<void> {
    if (this.#app?.isRunning) await this.#app.call('halt');
  }

  /** Blocks its event loop. */
  async stall(ms: number): Promise<void> {
    await this.#app?.call('stall', ms);
  }

  /** SIGKILL: nothing of what is under way is ended or told. */
  async kill(): Promise<void> {
    await this.#app?.kill();
  }

  /** SIGKILL, and another application in its place. */
  async replace(): Promise<void> {
    await this.kill();
    this.#number += NEXT;
    await this.start();
  }

  /** Waits until strict writes and reads of any key succeed. */
  async well(): Promise<void> {
    const names = PROBES.map((name) => `${name}:${this.options.number}`);
    const succeeded = async () => {
      await this.#app?.call('probe', names);
      return true;
    };
    await eventually(`worker ${this.options.number} writes and reads`, succeeded, WELL_MS);
  }

  #run(turn: Turn): void {
    const app = this.#app;
    if (app === undefined) throw new Error(`worker ${this.options.number} was not started`);
    const told = app.call<Told>('run', turn).catch((error: unknown) => {
      if (app.isRunning) throw error;
      return undefined;
    });
    // It is asked for at the end of the turn.
    told.catch(() => undefined);
    this.#told.push(told);
  }
}
