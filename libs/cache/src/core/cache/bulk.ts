import { CacheConfigError } from '../errors.js';
import { shown } from '../shared/shown.js';
import { Batched, type Ticks } from './batched.js';
import { BulkAnswers } from './bulk-answers.js';
import { BulkCall, type LoadMissing, type Wanted } from './bulk-call.js';
import { BulkRun } from './bulk-load.js';
import type { Cache } from './cache.js';
import { view } from './deliver.js';
import { checkSignal } from './leave.js';
import type { Load } from './load.js';
import type { CallPolicy, CallReadOptions } from './policy.js';
import type { CallRules } from './rules.js';

/** How the keys of a bulk read are built, and what loads those that are missing. */
export interface BulkSource<I> {
  readonly keyOf: (id: I) => string;
  /** Gives a Map by id. */
  readonly load: (missing: readonly I[], load: BulkRun) => unknown;
}

/** The same for a function that reads one id. */
export interface BatchedBy<I> extends BulkSource<I> {
  readonly options?: CallPolicy | undefined;
}

/** What holds for the keys of one bulk read. */
export interface BulkRules {
  readonly rulesOf: (id: string) => CallRules;
  /** Ends the wait of the caller. */
  readonly signal?: AbortSignal | undefined;
}

interface Asked<I> {
  readonly load: LoadMissing<I>;
  readonly rules: CallRules;
}

/** The verbs for many keys at once. What goes to Redis in one tick travels in one batch to each node. */
export class Bulk {
  constructor(private readonly cache: Cache) {}

  /** As single reads, in the order of the keys. A wrong key refuses the whole call before anything is read. */
  async getMany(keys: readonly string[]): Promise<unknown[]> {
    for (const key of listOf(keys, 'getMany', 'keys')) this.cache.parts.keys.normalize(key);
    return Promise.all(keys.map((key) => this.cache.hit(key) ?? this.cache.get(key)));
  }

  /**
   * As single writes. A wrong key, option or value refuses the whole call before anything is kept; otherwise it ends when
   * every write has, and rejects with what the first that failed did.
   */
  async setMany(entries: Iterable<readonly [string, unknown]>, options?: CallPolicy): Promise<void> {
    const { keys, rules } = this.cache.parts;
    const pairs = pairsOf(entries);
    for (const [key, value] of pairs) {
      const id = keys.normalize(key);
      this.cache.check(id, value, rules.forWrite(id, options));
    }
    const done = await Promise.allSettled(pairs.map(([key, value]) => this.cache.set(key, value, options)));
    const failed = done.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await this.cache.delete(listOf(keys, 'deleteMany', 'keys'));
  }

  /** What is cached, and in one run of the loader what is not; in the order of the ids. */
  async readThroughMany<I>(
    ids: readonly I[],
    { keyOf, load }: BulkSource<I>,
    options?: CallReadOptions,
  ): Promise<Map<I, unknown>> {
    const signal = options?.signal;
    checkSignal(signal);
    const { keys, rules } = this.cache.parts;
    const textOf = (id: I): string => keys.normalize(keyOf(id));
    const texts = listOf(ids, 'readThroughMany', 'ids').map(textOf);
    const rulesOf = (id: string): CallRules => rules.forKey(id, options);
    const values = await this.read(firstOf(texts, ids), {
      rulesOf,
      signal,
      load: async (missing, run) => new BulkAnswers(await load(missing, run), textOf),
    });
    return new Map(ids.map((id, at) => [id, values.get(texts[at] as string)]));
  }

  /** A function that reads one id: reads that begin in one tick are loaded together. */
  batched<I>({ keyOf, load, options }: BatchedBy<I>, ticks: Ticks): (id: I) => Promise<unknown> {
    const { keys, rules } = this.cache.parts;
    const textOf = (id: I): string => keys.normalize(keyOf(id));
    const loadFirst: LoadMissing<I> = async (missing, run) => {
      const ids = [...firstOf(missing.map(textOf), missing).values()];
      return new BulkAnswers(await load(ids, run), textOf, 'batched: load gave');
    };
    const rulesOf = (text: string): CallRules => rules.forKey(text, options);
    const reads = new Batched<I>(this.cache, { rulesOf, load: loadFirst }, ticks);
    return (id) => {
      try {
        return reads.read(textOf(id), id);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    };
  }

  /** `readThroughMany` for keys whose rules are known: the values by the text of the key. */
  async read<I>(wanted: ReadonlyMap<string, I>, { rulesOf, load, signal }: BulkRead<I>): Promise<Map<string, unknown>> {
    const values = new Map<string, unknown>();
    const away: Away<I>[] = [];
    for (const [text, id] of wanted) {
      const rules = rulesOf(text);
      const kept = this.cache.peek(text, rules);
      if (kept === undefined) away.push({ id: text, of: id, at: away.length, rules });
      else {
        values.set(text, view(kept, rules));
        this.#readAgain(text, id, { load, rules });
      }
    }
    if (away.length > 0) await this.#fetch(away, { load, signal, values });
    return values;
  }

  /** Every key as a single read of it, but for the loader. */
  async #fetch<I>(away: readonly Away<I>[], { load, signal, values }: Fetched<I>): Promise<void> {
    const call = new BulkCall(this.cache.parts, load);
    const wanted = away.map((one) => ({ ...one, loader: call.loader(one) }));
    const reading = wanted.map(async ({ id, at, rules, loader }) => {
      try {
        values.set(id, await this.cache.obtain(id, loader, { rules, signal }));
      } finally {
        call.known(at);
      }
    });
    await Promise.all(reading);
  }

  /** A hit in memory may be due to be loaded anew, or drawn to be compared with its source. */
  #readAgain<I>(text: string, id: I, { load, rules }: Asked<I>): void {
    const { samples, early } = this.cache;
    const alone = async (run: Load): Promise<unknown> => (await load([id], new BulkRun([run]))).of(id, text);
    if (rules.early !== undefined) early.read(text, alone, rules);
    if (--samples.left === 0) samples.take(text, { load: alone, rules });
  }
}

/** A bulk read of keys as they are. */
export interface BulkRead<I> extends BulkRules {
  readonly load: LoadMissing<I>;
}

/** A key that memory has nothing fresh of. */
interface Away<I> extends Wanted<I> {
  readonly rules: CallRules;
}

interface Fetched<I> extends Pick<BulkRead<I>, 'load' | 'signal'> {
  /** Where the values go. */
  readonly values: Map<string, unknown>;
}

/** Of ids with the same key the first. */
export function firstOf<I>(texts: readonly string[], ids: readonly I[]): Map<string, I> {
  const first = new Map<string, I>();
  for (const [at, text] of texts.entries()) if (!first.has(text)) first.set(text, ids[at] as I);
  return first;
}

function listOf<T>(list: readonly T[], verb: string, what: string): readonly T[] {
  if (Array.isArray(list)) return list;
  throw new CacheConfigError(`${verb}: ${shown(list)} is no list of ${what}. Hand over an array.`);
}

function pairsOf(entries: Iterable<readonly [string, unknown]>): (readonly [string, unknown])[] {
  const isIterable = typeof entries === 'object' && Symbol.iterator in entries;
  const pairs = isIterable ? [...entries] : undefined;
  if (pairs?.every((pair) => Array.isArray(pair)) === true) return pairs;
  throw new CacheConfigError(
    `setMany: ${shown(entries)} is no list of entries. Hand over a Map or [key, value] pairs.`,
  );
}
