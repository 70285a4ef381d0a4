import type { BulkRun } from './bulk-load.js';
import { BulkAnswers } from './bulk-answers.js';
import { BulkCall } from './bulk-call.js';
import { firstOf, type BulkSource } from './bulk.js';
import type { Cache } from './cache.js';
import type { CallPolicy } from './policy.js';

/** Where the reads of one tick end, and which of them may share a load. */
export interface Ticks {
  /** Calls once everything that is under way now has run. */
  readonly after: (task: () => void) => void;
  /** Whose reads share a load: those of one request, because a loader may look at it. */
  readonly group: () => unknown;
}

/** The reads of one tick and group. */
interface Batch<I> {
  readonly call: BulkCall<I>;
  count: number;
}

/** Held open until the tick ends: no place of a key. */
const TICK = -1;

/** Single reads, whose keys are loaded together where they begin in one tick. Else each is as a single read. */
export class Batched<I> {
  readonly #open = new Map<unknown, Batch<I>>();

  constructor(
    private readonly cache: Cache,
    private readonly source: BulkSource<I> & { readonly options?: CallPolicy | undefined },
    private readonly ticks: Ticks,
  ) {}

  read(id: I): Promise<unknown> {
    try {
      return this.#read(id);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  #read(id: I): Promise<unknown> {
    const { samples, parts } = this.cache;
    const text = this.#textOf(id);
    const rules = parts.rules.forKey(text, this.source.options);
    const fresh = this.cache.fresh(text, rules);
    if (fresh !== undefined) {
      const alone = () => this.#begin().loader({ id: text, of: id, at: 0, rules });
      if (rules.early !== undefined) this.cache.early.read(text, (load) => alone()(load), rules);
      if (--samples.left === 0) samples.take(text, { load: alone(), rules });
      return fresh;
    }
    const batch = this.#batch();
    const at = batch.count++;
    const reading = this.cache.load(text, batch.call.loader({ id: text, of: id, at, rules }), rules);
    const known = (): void => batch.call.known(at);
    reading.then(known, known);
    return reading;
  }

  #batch(): Batch<I> {
    const group = this.cache.parts.transactions?.current() ?? this.ticks.group();
    const open = this.#open.get(group);
    if (open !== undefined) return open;
    const batch = { call: this.#begin(), count: 0 };
    this.#open.set(group, batch);
    batch.call.hold(TICK);
    this.ticks.after(() => {
      this.#open.delete(group);
      batch.call.known(TICK);
    });
    return batch;
  }

  #begin(): BulkCall<I> {
    const textOf = (id: I): string => this.#textOf(id);
    return new BulkCall(this.cache.parts, async (missing: readonly I[], run: BulkRun) => {
      // A key comes twice where reads of it do not join one another: in a transaction, and under level `strict`.
      const ids = [...firstOf(missing.map(textOf), missing).values()];
      return new BulkAnswers(await this.source.load(ids, run), textOf, 'batched: load gave');
    });
  }

  #textOf(id: I): string {
    return this.cache.parts.keys.normalize(this.source.keyOf(id));
  }
}
