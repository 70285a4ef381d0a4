import { setTimeout as sleep } from 'node:timers/promises';
import { CacheError, type CacheService } from '@datapunk/cache';
import type { Random } from '../kit/seed.js';
import type { Lag } from './lag.js';
import type { Row, Source } from './source.js';

/**
 * What a call may take at most, ms: the shared layer's second, and what a save waits until others know of it; an
 * update waits for its turn, too.
 */
const DEADLINES = { get: 1_000, read: 1_000, write: 1_100, update: 6_100, set: 1_000, evict: 1_000, expire: 1_000 };

type Verb = keyof typeof DEADLINES;

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
      await this.#call(verbOf(random()), cache, key);
      await sleep(random() * 4);
    }
  }

  async #call(verb: Verb, cache: CacheService, key: string): Promise<void> {
    const { lag, source } = this.storm;
    const began = lag.now();
    this.report.calls += 1;
    try {
      const row = await VERBS[verb]({ cache, key, source });
      if (row !== undefined && row.key !== key) this.#note('wrong', `${verb} of ${key} gave ${JSON.stringify(row)}`);
    } catch (error) {
      this.report.refused += 1;
      if (!(error instanceof CacheError)) this.#note('strange', `${verb} of ${key} failed with ${String(error)}`);
    }
    const took = lag.now() - began;
    if (took > DEADLINES[verb] + GRACE_MS) this.#note('late', `${verb} of ${key} took ${took.toFixed(0)} ms`);
  }

  #note(list: 'wrong' | 'late' | 'strange', what: string): void {
    if (this.report[list].length < 20) this.report[list].push(what);
  }
}

interface Call {
  readonly cache: CacheService;
  readonly key: string;
  readonly source: Source;
}

const VERBS: Readonly<Record<Verb, (call: Call) => Promise<Row | undefined>>> = {
  get: async ({ cache, key }) => (await cache.get<Row>(key)) ?? undefined,
  read: ({ cache, key, source }) => cache.readThrough<Row, Row>(key, async () => source.row(key)),
  write: ({ cache, key, source }) =>
    cache.writeThrough<Row, Row>(key, { key, revision: 0 }, async () => source.change(key)),
  update: ({ cache, key, source }) => cache.cacheAside<Row, Row>(key, async () => source.change(key)),
  set: async ({ cache, key, source }) => {
    await cache.set<Row>(key, source.change(key));
    return undefined;
  },
  evict: async ({ cache, key, source }) => {
    source.change(key);
    await cache.delete(key);
    return undefined;
  },
  expire: async ({ cache, key, source }) => {
    source.change(key);
    await cache.expire(key);
    return undefined;
  },
};

/** Mostly reads. */
function verbOf(chance: number): Verb {
  if (chance < 0.55) return 'read';
  if (chance < 0.75) return 'get';
  if (chance < 0.85) return 'write';
  if (chance < 0.9) return 'update';
  if (chance < 0.95) return 'evict';
  return chance < 0.98 ? 'expire' : 'set';
}
