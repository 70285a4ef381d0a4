import { BulkCall, type LoadMissing } from './bulk-call.js';
import type { Cache } from './cache.js';
import type { CallRules } from './rules.js';

/** Where the reads of one tick end, and which of them may share a load. */
export interface Ticks {
  /** Calls once everything that is under way now has run. */
  readonly after: (task: () => void) => void;
  /** Whose reads share a load: those of one request, because a loader may look at it. */
  readonly group: () => unknown;
}

/** How a read of one item is loaded together with others. */
export interface BatchedSource<I> {
  readonly rulesOf: (text: string) => CallRules;
  /** An item comes twice where reads of its key do not join one another: in a transaction, and under level `strict`. */
  readonly load: LoadMissing<I>;
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
    private readonly source: BatchedSource<I>,
    private readonly ticks: Ticks,
  ) {}

  /** @param text the key of the item, as the cache knows it. */
  read(text: string, of: I): Promise<unknown> {
    const { samples } = this.cache;
    const rules = this.source.rulesOf(text);
    const fresh = this.cache.fresh(text, rules);
    if (fresh !== undefined) {
      const alone = () => this.#begin().loader({ id: text, of, at: 0, rules });
      if (rules.early !== undefined) this.cache.early.read(text, (load) => alone()(load), rules);
      if (--samples.left === 0) samples.take(text, { load: alone(), rules });
      return fresh;
    }
    const batch = this.#batch();
    const at = batch.count++;
    const reading = this.cache.load(text, batch.call.loader({ id: text, of, at, rules }), rules);
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
    return new BulkCall(this.cache.parts, this.source.load);
  }
}
