import type { Notice } from '../coherence/bus.js';
import type { Notices } from '../coherence/notices.js';
import type { ValueEntry } from '../entry/entry.js';
import type { MaybePromise } from '../layers/layer.js';
import type { Cancel, Clock } from '../shared/clock.js';
import { parseTagNotice } from './tag-notice.js';
import type { TagLook, TagMode, TagStore } from './tag-store.js';
import { TagTable, type Verdict } from './tag-table.js';

export interface TagsParts {
  readonly store: TagStore;
  readonly service: string;
  readonly notices: Pick<Notices, 'position' | 'keeps' | 'note' | 'isDeaf'>;
  /** The named cache that an id belongs to; nothing where it is another service's. */
  readonly cacheOf: (id: string) => string | undefined;
  readonly clock: Clock;
  /** Told of what another process has invalidated; no tags: all that the cache held. */
  readonly heard?: ((cache: string, tags: readonly string[], mode: TagMode) => void) | undefined;
  /** Told when everything that some cache held is over: entries without tags have to be looked at, too. */
  readonly cleared: () => void;
}

/** Of an entry what its tags are judged by. */
export type Tagged = Pick<ValueEntry, 'tags' | 'tagGeneration' | 'createdAt'>;

/**
 * What its invalidations are counted from. One without tags that nobody has counted, as another service writes it, from when
 * it was stored: the numbers are microseconds of the same clock.
 */
function generationOf({ tags, tagGeneration, createdAt }: Tagged): number {
  return tagGeneration === 0 && tags.length === 0 ? createdAt * 1_000 : tagGeneration;
}

/** How long a question that failed is not asked again, ms: what asks may be every read. */
const AGAIN_MS = 500;

/** Entries known to be over that are remembered until somebody loads them anew. Beyond it all are forgotten. */
const REMEMBERED = 1_024;

/** Where notices are counted that tell of the tags of a cache; no key looks like it. */
const noticeKey = (cache: string): string => `tags of ${cache}`;

/**
 * Says which entries have been invalidated by a tag or together with their whole cache. Nobody walks through entries: one
 * carries the generation that its process knew when its load began, and is over once something that concerns it has a
 * higher number. So a load that began before an invalidation never counts, whenever and wherever it ends.
 *
 * What was asked once is remembered; notices keep it true. Whatever may have made one go unheard makes it forget.
 */
export class Tags {
  /** Changes whenever something is known that may concern entries with tags: those that were looked at before are no more. */
  epoch = 1;
  readonly #tables = new Map<string, TagTable>();
  readonly #over = new Map<string, number>();
  readonly #failed = new Map<string, number>();
  /** Tables that are asked about again until it is known what counts now. */
  readonly #again = new Map<TagTable, Cancel>();
  #isClosed = false;

  constructor(private readonly parts: TagsParts) {}

  /** What the tags of an entry say that came from a layer others share. @throws what the store throws, for one with tags. */
  judge(id: string, entry: Tagged): MaybePromise<Verdict> {
    const table = this.#tableOf(id);
    if (table === undefined) return entry.tags.length === 0 ? 'valid' : 'foreign';
    if (table.owed(entry.tags) === 'delete') return 'deleted';
    // What is not heard may have happened.
    const known = this.parts.notices.isDeaf ? undefined : table.verdict(entry.tags, generationOf(entry));
    return known ?? this.#ask(table, entry);
  }

  /** The same for an entry in this process's memory; `undefined`: something has to be asked first. */
  here(id: string, entry: Tagged): Verdict | undefined {
    const known = this.#tableOf(id)?.verdict(entry.tags, generationOf(entry));
    if (known !== undefined) return known;
    const judged = this.judge(id, entry);
    if (!(judged instanceof Promise)) return judged;
    // Whoever asks next is answered.
    judged.catch(() => undefined);
    return undefined;
  }

  /** Whether an entry may be served as stale, by what is known now: none that was deleted, nor perhaps was. */
  allowsStale(id: string, entry: Tagged): boolean {
    const table = this.#tableOf(id);
    const known = table?.verdict(entry.tags, generationOf(entry));
    return known === undefined ? entry.tags.length === 0 : known !== 'deleted';
  }

  /** The generation that is known now: take it before a load or a save begins. 0: none is known. */
  generation(id: string): number {
    return this.#tableOf(id)?.generation ?? 0;
  }

  /** Sees to it that a generation is known, where that can be: what is kept without one is over at once. */
  begun(id: string): MaybePromise<unknown> {
    const table = this.#tableOf(id);
    return table === undefined || table.generation > 0 ? undefined : this.#first(table);
  }

  /** The same, and that it is the one that counts now. */
  ready(id: string): MaybePromise<unknown> {
    const table = this.#tableOf(id);
    // After a doubt the count may have begun anew: what is loaded under an old number would be over at once.
    return table === undefined || (table.generation > 0 && table.isCurrent) ? undefined : this.#first(table);
  }

  /** The same for these caches. Never rejects: what is not known then is asked for when it is needed. */
  async learn(caches: Iterable<string>): Promise<void> {
    this.#failed.clear();
    await Promise.all([...caches].map(async (cache) => this.#first(this.table(cache))));
  }

  /** Asks for nothing any more by itself. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#again.values()) cancel();
    this.#again.clear();
  }

  /** An entry of this version is over: whoever loads the key need not be given it again. */
  isOver(id: string, assigned: number): void {
    if (this.#over.size >= REMEMBERED) this.#over.clear();
    this.#over.set(id, assigned);
  }

  /** Entries of the key up to this version are over; 0: none is known to be. */
  overUpTo(id: string): number {
    return this.#over.size === 0 ? 0 : (this.#over.get(id) ?? 0);
  }

  /** Whether a message tells of tags; then it was acted on. */
  heard({ kind, key, assigned }: Notice): boolean {
    if (!key.startsWith('coord:')) return false;
    const news = parseTagNotice(key, this.parts.service);
    const table = news && this.#tables.get(news.cache);
    if (table === undefined || news === undefined) return true;
    const { tags } = news;
    if (kind === 'void' || tags === undefined) this.#forget(table, tags?.length === 0);
    else {
      this.told(table, { tags, mode: news.mode, number: assigned });
      this.parts.heard?.(news.cache, tags, news.mode);
    }
    return true;
  }

  /** Something was invalidated, by whomever; no tags: everything. */
  told(table: TagTable, { tags, mode, number }: Told): void {
    table.raise(tags, mode, number);
    this.changed(table, tags.length === 0);
  }

  /** What is known of the entries of a cache has changed; of those without tags, too. */
  changed(table: TagTable, isWhole: boolean): void {
    this.parts.notices.note(noticeKey(table.cache));
    table.looks.clear();
    this.epoch += 1;
    if (isWhole) this.parts.cleared();
  }

  /** What was told may have gone unheard. */
  forget(): void {
    for (const table of this.#tables.values()) this.#forget(table, false);
  }

  table(cache: string): TagTable {
    const known = this.#tables.get(cache);
    if (known !== undefined) return known;
    const table = new TagTable(cache);
    this.#tables.set(cache, table);
    return table;
  }

  #tableOf(id: string): TagTable | undefined {
    const cache = this.parts.cacheOf(id);
    return cache === undefined ? undefined : this.table(cache);
  }

  #forget(table: TagTable, isWhole: boolean): void {
    table.forget();
    this.changed(table, isWhole);
    this.#askAgain(table);
  }

  /**
   * Asks until it is known what counts now. Reads ask by themselves; whoever only writes would go on under the number that
   * he knows, and where the count began anew all that he keeps would be over for everybody else.
   */
  #askAgain(table: TagTable): void {
    if (this.#isClosed || this.#again.has(table)) return;
    const ask = async (): Promise<void> => {
      this.#again.delete(table);
      await this.#first(table);
      if (!table.isCurrent) this.#askAgain(table);
    };
    this.#again.set(
      table,
      this.parts.clock.after(AGAIN_MS, () => void ask()),
    );
  }

  #ask(table: TagTable, entry: Tagged): MaybePromise<Verdict> {
    if (entry.tags.length === 0) return this.#askFloor(table, entry);
    const looks = entry.tags.map((tag) => this.#look(table, tag));
    if (!looks.some((look) => look instanceof Promise)) return verdictOf(looks as TagLook[], table, entry);
    return Promise.all(looks.map(async (look) => look)).then((all) => verdictOf(all, table, entry));
  }

  /** An entry without tags can only go with its whole cache: where that cannot be asked, what was known last counts. */
  #askFloor(table: TagTable, entry: Tagged): MaybePromise<Verdict> {
    const say = (): Verdict => (table.floor > generationOf(entry) ? 'deleted' : 'valid');
    const asked = this.#first(table);
    return asked instanceof Promise ? asked.then(say) : say();
  }

  /** Asks for the cache alone. Never rejects, and after a failure does not ask for a while. */
  #first(table: TagTable): MaybePromise<unknown> {
    const { clock } = this.parts;
    if ((this.#failed.get(table.cache) ?? 0) > clock.now()) return undefined;
    const look = this.#look(table, '');
    if (!(look instanceof Promise)) return look;
    return look.catch(() => {
      this.#failed.set(table.cache, clock.now() + AGAIN_MS);
    });
  }

  /** One question for a tag at a time, however many ask. */
  #look(table: TagTable, tag: string): MaybePromise<TagLook> {
    const { notices, store } = this.parts;
    const mark = notices.isDeaf || !table.isCurrent ? undefined : table.markOf(tag);
    if (mark !== undefined) return { ...mark, generation: table.generation, floor: table.floor };
    const under = table.looks.get(tag);
    if (under !== undefined) return under;
    const since = notices.position();
    const take = (look: TagLook): TagLook => {
      // What was told meanwhile is newer than the answer; but all that it counts has happened.
      if (notices.keeps(noticeKey(table.cache), since)) table.learn(tag, look);
      else table.generation = Math.max(table.generation, look.generation);
      return look;
    };
    const asked = store.look(table.cache, tag, table.generation);
    if (!(asked instanceof Promise)) return take(asked);
    const looking = asked.then(take);
    const end = (): void => {
      if (table.looks.get(tag) === looking) table.looks.delete(tag);
    };
    looking.then(end, end);
    table.looks.set(tag, looking);
    return looking;
  }
}

/** An invalidation that has happened. */
export interface Told {
  readonly tags: readonly string[];
  readonly mode: TagMode;
  readonly number: number;
}

/** By what was answered, and by what was told since. */
function verdictOf(looks: readonly TagLook[], table: TagTable, { tags, tagGeneration }: Tagged): Verdict {
  const known = table.verdict(tags, tagGeneration);
  if (known === 'deleted') return known;
  if (looks.some(({ floor, deleted }) => Math.max(floor, deleted) > tagGeneration)) return 'deleted';
  const isExpired = (known ?? table.owed(tags)) !== undefined && known !== 'valid';
  return isExpired || looks.some(({ expired }) => expired > tagGeneration) ? 'expired' : 'valid';
}
