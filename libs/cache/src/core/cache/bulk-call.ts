import type { BulkAnswers } from './bulk-answers.js';
import { BulkRun } from './bulk-load.js';
import type { Load } from './load.js';
import type { Loader } from './loading.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

/** A key of a bulk read, and the id it was built from. */
export interface Wanted<I> {
  readonly id: string;
  readonly of: I;
  /** Its place among the keys of the call: the loader is given ids in the order asked. */
  readonly at: number;
  readonly rules: Pick<CallRules, 'origin'>;
}

interface Enrolled<I> extends Wanted<I> {
  readonly run: Load;
  /** What a load of the key itself would be part of. */
  readonly flight: object;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Loads what is missing, and says what came of it. */
export type LoadMissing<I> = (missing: readonly I[], load: BulkRun) => Promise<Pick<BulkAnswers<I>, 'of'>>;

/**
 * Gathers the keys of a bulk read that have to be loaded into one run of its loader. It waits until each of its keys is
 * found, has to be loaded, or is loaded by somebody else; for that somebody it never waits, who may himself wait for a
 * key that is loaded here. A key whose other load failed comes late, and goes into a run of its own.
 */
export class BulkCall<I> {
  /** By their places. */
  readonly #open = new Set<number>();
  #enrolled: Enrolled<I>[] = [];
  #isDue = false;

  constructor(
    private readonly parts: Pick<CacheParts, 'flights' | 'scope'>,
    private readonly load: LoadMissing<I>,
  ) {}

  /** The loader for one key. Call `known` once the key has an outcome. */
  loader(wanted: Wanted<I>): Loader {
    this.#open.add(wanted.at);
    const enroll = (run: Load): Promise<unknown> => this.#enroll(wanted, run);
    return Object.assign(enroll, { waits: () => this.known(wanted.at) });
  }

  /** Nothing is loaded until this place, which no key has, is `known`. */
  hold(at: number): void {
    this.#open.add(at);
  }

  /** This key does not hold up the others any more. */
  known(at: number): void {
    if (this.#open.delete(at)) this.#schedule();
  }

  #enroll(wanted: Wanted<I>, run: Load): Promise<unknown> {
    const flight = this.parts.flights.find(wanted.id) ?? run;
    const loaded = new Promise((resolve, reject) => {
      this.#enrolled.push({ ...wanted, run, flight, resolve, reject });
    });
    this.#open.delete(wanted.at);
    this.#schedule();
    return loaded;
  }

  /** A microtask later: what comes with the same answer of a server goes together. */
  #schedule(): void {
    if (this.#isDue || this.#open.size > 0 || this.#enrolled.length === 0) return;
    this.#isDue = true;
    void Promise.resolve().then(() => {
      this.#isDue = false;
      const enrolled = this.#enrolled.toSorted((one, other) => one.at - other.at);
      this.#enrolled = [];
      return this.#run(enrolled);
    });
  }

  /** Never rejects: every key has its outcome. */
  async #run(enrolled: readonly Enrolled<I>[]): Promise<void> {
    try {
      const missing = enrolled.map(({ of }) => of);
      const load = new BulkRun(enrolled.map(({ run }) => run));
      const answers = await this.#within(enrolled, load, async () => this.load(missing, load));
      for (const { id, of, resolve } of enrolled) resolve(answers.of(of, id));
    } catch (error) {
      for (const { reject } of enrolled) reject(error);
    }
  }

  /** The loader is part of the load of each key: asking for one of them would be waiting for itself. */
  #within<R>(enrolled: readonly Enrolled<I>[], load: BulkRun, work: () => R): R {
    const { scope } = this.parts;
    const isMethod = enrolled[0]?.rules.origin !== undefined;
    const inner = (): R => scope.run({ flight: load, isMethod }, load, work);
    return enrolled.reduceRight<() => R>(
      (next, { flight, run }) =>
        () =>
          scope.run({ flight, isMethod }, run, next),
      inner,
    )();
  }
}
