import { defineKey } from '../../libs/cache/src/core/keys/define-key.js';
import type { Cache } from '../../libs/cache/src/core/cache/cache.js';
import { gate } from './gate.js';

/** One state of the source. */
export interface Row {
  readonly v: number;
  readonly by: string;
}

/** Keys whose values have no version, keys whose values do, and keys whose versions are too coarse to tell them apart. */
export const PLAIN = 'race';
export const VERSIONED = 'versionedrace';
export const COARSE = 'coarserace';
defineKey('versionedrace:{id}').holds<Row>({ version: ({ v }) => v });
defineKey('coarserace:{id}').holds<Row>({ version: ({ v }) => Math.ceil(v / 10) });

export type Fate = 'saves' | 'fails before it saved' | 'fails after it saved';

/** Which processes take part: the cache of each. */
export type Processes = readonly [Cache, ...Cache[]];

/** One race of writers and readers over one row, each taking the steps it is told to take. */
export class World {
  readonly history: Row[] = [{ v: 0, by: 'nobody' }];
  readonly wrong: string[] = [];
  writing = 0;
  /** The newest row of those whose change is done and told. */
  settled = 0;

  constructor(
    readonly key: string,
    readonly processes: Processes,
  ) {}

  get row(): Row {
    return this.history.at(-1) as Row;
  }

  change(by: string): Row {
    this.history.push({ v: this.history.length, by });
    return this.row;
  }

  /** Starts, changes the source, returns. */
  writer(by: string, fate: Fate, cache = this.#any(0)): readonly (() => void)[] {
    const [saved, returned] = [gate(), gate()];
    let row = this.row;
    const save = async () => {
      await saved.promise;
      row = fate === 'fails before it saved' ? this.row : this.change(by);
      await returned.promise;
      if (fate !== 'saves') throw new Error(fate);
      return row;
    };
    const done = () => {
      this.writing -= 1;
      this.settled = Math.max(this.settled, row.v);
    };
    const begin = () => {
      this.writing += 1;
      cache.writeThrough(this.key, { v: -1, by }, save).then(done, done);
    };
    return [begin, () => saved.open(), () => returned.open()];
  }

  /**
   * Asks, looks at the source, returns. In the process of the writers it is never given less than what was settled when it
   * asked; another one may not have been told yet.
   */
  reader(cache = this.#any(1)): readonly (() => void)[] {
    const [looked, returned] = [gate(), gate()];
    const load = async () => {
      await looked.promise;
      const { row } = this;
      await returned.promise;
      return row;
    };
    const begin = () => {
      const { settled } = this;
      void cache.readThrough(this.key, load).then((value) => {
        if (this.processes.length === 1 && (value as Row).v < settled)
          this.wrong.push(`a reader was given ${JSON.stringify(value)}`);
      });
    };
    return [begin, () => looked.open(), () => returned.open()];
  }

  /** Somebody changes the source by other ways, then deletes the key. */
  evictor(cache = this.#any(0)): readonly (() => void)[] {
    const evict = () => {
      const { v } = this.row;
      void cache.delete([this.key]).then(() => (this.settled = Math.max(this.settled, v)));
    };
    return [() => void this.change('evictor'), evict];
  }

  /** Nobody is writing, and all are told: every process sees the last state or nothing. */
  async check(): Promise<void> {
    for (const [at, cache] of this.processes.entries()) {
      const cached = await cache.get(this.key);
      if (!this.#isLie(cached)) continue;
      this.wrong.push(`process ${at} has ${JSON.stringify(cached)}, true is ${JSON.stringify(this.row)}`);
    }
    if (this.writing > 0) this.wrong.push('somebody is still writing');
  }

  /** Whether `check` would find anything now. */
  async isWrong(): Promise<boolean> {
    const cached = await Promise.all(this.processes.map((cache) => cache.get(this.key)));
    return this.writing > 0 || cached.some((value) => this.#isLie(value));
  }

  #isLie(cached: unknown): boolean {
    return cached !== undefined && (cached as Row).v !== this.row.v;
  }

  #any(at: number): Cache {
    return this.processes[at % this.processes.length] ?? this.processes[0];
  }
}
