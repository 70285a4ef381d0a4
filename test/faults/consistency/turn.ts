import { setTimeout as sleep } from 'node:timers/promises';
import { CacheConsistencyError } from '@datapunk/cache';
import type { Operation } from '../../support/consistency/operation.js';
import { History, Recorder } from '../../support/consistency/recorder.js';
import { branch } from '../kit/seed.js';
import { hostTime } from './host-time.js';
import type { Level, Way } from './levels.js';

/** What the clients of every worker do for a while. */
export interface Turn {
  readonly level: Level;
  /** Of this turn: keys and values are new. */
  readonly name: string;
  /** For so long, unless it is halted before. */
  readonly ms: number;
  readonly keys: number;
  /** Of each worker. */
  readonly clients: number;
  /** Of each worker, besides: clients that read the same keys at level `eventual`, and write nothing. */
  readonly plain: number;
  /** Of all operations that are writes. */
  readonly writes: number;
  /** How long a client does nothing between two operations, ms at most. */
  readonly idle: number;
  readonly seed: number;
}

/** What a worker has seen. */
export interface Told {
  readonly operations: readonly Operation[];
  /** The reads of its plain clients. */
  readonly plain: readonly Operation[];
  /** Errors that are no `CacheConsistencyError`, each once. */
  readonly untyped: readonly string[];
}

export interface Ways {
  readonly own: Way;
  readonly plain: Way;
}

/** The clients of one worker in one turn. */
export class Clients {
  readonly #log = new History();
  readonly #plain = new History();
  readonly #untyped = new Set<string>();
  #end: number;
  #done = 0;
  #written = 0;

  /** @param number of the worker among all there ever were: its values are its own */
  constructor(
    private readonly turn: Turn,
    private readonly number: number,
  ) {
    this.#end = hostTime() + turn.ms;
  }

  /** Operations that have ended; those of plain clients are not among them. */
  get done(): number {
    return this.#done;
  }

  /** Nothing is begun any more. */
  halt(): void {
    this.#end = -Infinity;
  }

  async run({ own, plain }: Ways): Promise<Told> {
    const { clients, plain: readers } = this.turn;
    await Promise.all([
      ...Array.from({ length: clients }, (_, at) => this.#client(at, own)),
      ...Array.from({ length: readers }, (_, at) => this.#reader(at, plain)),
    ]);
    return { operations: this.#log.operations, plain: this.#plain.operations, untyped: [...this.#untyped] };
  }

  async #client(at: number, way: Way): Promise<void> {
    const { seed, clients, writes, name } = this.turn;
    const random = branch(seed, this.number, at);
    const recorder = new Recorder({
      client: `${this.number}.${at}`,
      // Each counts its own operations, and the history those of all.
      log: numbered(this.#log, at, clients),
      now: hostTime,
      outcomeOf: (error) => way.outcomeOf(error),
    });
    while (hostTime() < this.#end) {
      const key = this.#key(random);
      const content = `${name} ${this.number}.${(this.#written += 1)}`;
      const work =
        random() < writes
          ? recorder.write(key, content, () => way.write(key, content))
          : recorder.read(key, () => way.read(key));
      // What failed is in the history.
      await work.catch((error: unknown) => this.#failed(error));
      this.#done += 1;
      await sleep(random() * this.turn.idle);
    }
  }

  async #reader(at: number, way: Way): Promise<void> {
    const { seed, clients, plain, idle } = this.turn;
    const random = branch(seed, this.number, clients + at);
    const log = numbered(this.#plain, at, plain);
    const recorder = new Recorder({ client: `plain ${this.number}.${at}`, log, now: hostTime });
    while (hostTime() < this.#end) {
      const key = this.#key(random);
      await recorder.read(key, () => way.read(key)).catch(() => undefined);
      await sleep(random() * idle);
    }
  }

  #key(random: () => number): string {
    return `${this.turn.name}:${Math.floor(random() * this.turn.keys)}`;
  }

  #failed(error: unknown): void {
    if (!(error instanceof CacheConsistencyError)) this.#untyped.add(String(error));
  }
}

const numbered = (log: History, at: number, of: number): Pick<History, 'begun' | 'ended'> => ({
  begun: (id, open) => log.begun(id * of + at, open),
  ended: (id, done) => log.ended(id * of + at, done),
});
