import { setTimeout as sleep } from 'node:timers/promises';
import { CacheError, type CacheService } from '@datapunk/cache';
import type { Random } from '../kit/seed.js';
import type { Lag } from './lag.js';
import { chosen, OPERATIONS, type Operation } from './operations.js';
import type { Source } from './source.js';

/** The lateness that a deadline forgives. */
const GRACE_MS = 50;

/** What 64 callers saw. Lists hold the first few only, counts all. */
export interface Report {
  calls: number;
  /** Calls that failed with an error of ours, as they may while Redis is away. */
  refused: number;
  readonly wrong: string[];
  readonly late: string[];
  readonly strange: string[];
}

export interface Storm {
  readonly caches: readonly CacheService[];
  readonly source: Source;
  readonly keys: readonly string[];
  readonly random: Random;
  readonly lag: Lag;
  /** Default: `OPERATIONS`. */
  readonly operations?: readonly Operation[];
}

/** Callers that read and write until they are told to stop. */
export class Callers {
  readonly report: Report = { calls: 0, refused: 0, wrong: [], late: [], strange: [] };
  #isOver = false;
  readonly #all: Promise<unknown>;

  constructor(
    private readonly storm: Storm,
    count: number,
  ) {
    this.#all = Promise.all(Array.from({ length: count }, (_, at) => this.#caller(at)));
  }

  async stop(): Promise<Report> {
    this.#isOver = true;
    await this.#all;
    return this.report;
  }

  async #caller(at: number): Promise<void> {
    const { caches, keys, random } = this.storm;
    const cache = caches[at % caches.length];
    if (cache === undefined) throw new Error('there is no cache to call');
    while (!this.#isOver) {
      const key = keys[Math.floor(random() * keys.length)] ?? '';
      await this.#call(chosen(this.storm.operations ?? OPERATIONS, random()), cache, key);
      await sleep(random() * 4);
    }
  }

  async #call({ name, limitMs, run }: Operation, cache: CacheService, key: string): Promise<void> {
    const { lag, source } = this.storm;
    const began = lag.now();
    this.report.calls += 1;
    try {
      const row = await run({ cache, key, source });
      if (row !== undefined && row.key !== key) this.#note('wrong', `${name} of ${key} gave ${JSON.stringify(row)}`);
    } catch (error) {
      this.report.refused += 1;
      if (!(error instanceof CacheError)) this.#note('strange', `${name} of ${key} failed with ${String(error)}`);
    }
    const took = lag.now() - began;
    if (took > limitMs + GRACE_MS) this.#note('late', `${name} of ${key} took ${took.toFixed(0)} ms`);
  }

  #note(list: 'wrong' | 'late' | 'strange', what: string): void {
    if (this.report[list].length < 20) this.report[list].push(what);
  }
}
