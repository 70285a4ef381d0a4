import type { EventHub } from '../events/event-hub.js';
import type { Cancel, Clock } from '../shared/clock.js';
import { tagsKey } from './tag-notice.js';
import type { TagMode } from './tag-store.js';

/** A tag of a cache that could not be invalidated; `''`: everything the cache holds. */
export interface TagDebt {
  readonly cache: string;
  readonly tag: string;
  readonly mode: TagMode;
}

export interface TagDebtsParts {
  readonly service: string;
  readonly clock: Clock;
  readonly events: EventHub;
  /** Invalidates tags of one cache in one mode; none: the whole cache. Rejects where that cannot be done yet. */
  readonly pay: (cache: string, tags: readonly string[], mode: TagMode) => Promise<void>;
  /** Told when a debt begins and when it ends: meanwhile entries with the tag are not served here. */
  readonly owes: (debt: TagDebt) => void;
  readonly paid: (debt: TagDebt) => void;
  /** Debts remembered at most. Default 10,000. */
  readonly limit?: number | undefined;
}

/** How long a try to make up waits for the next. */
const AGAIN_MS = 500;

/** Tags made up for together. */
const TOGETHER = 100;

/**
 * Invalidations of tags that could not reach the store, made up for as soon as it answers. The last word on a tag counts,
 * but a deletion is not made less by a later expiry.
 */
export class TagDebts {
  /** Every debt is an object of its own: one that was renewed while it was paid stays. */
  readonly #owed = new Map<string, TagDebt>();
  readonly #limit: number;
  #recovered = 0;
  #lost = 0;
  #cancel: Cancel | undefined;
  #isClosed = false;
  #underway: Promise<void> | undefined;

  constructor(private readonly parts: TagDebtsParts) {
    this.#limit = parts.limit ?? 10_000;
  }

  /** How many are owed. */
  get depth(): number {
    return this.#owed.size;
  }

  figures(): { readonly owed: number; readonly recovered: number; readonly lost: number } {
    return { owed: this.depth, recovered: this.#recovered, lost: this.#lost };
  }

  /** Remembers that this has to be done, and why it could not. `false`: there was no room. */
  owe(debt: TagDebt, error: unknown): boolean {
    const name = `${debt.cache}|${debt.tag}`;
    const known = this.#owed.get(name);
    const key = tagsKey(this.parts.service, debt.cache);
    if (this.#isClosed || (known === undefined && this.#owed.size >= this.#limit)) {
      this.#isLost(key, error);
      return false;
    }
    const mode = known?.mode === 'delete' ? 'delete' : debt.mode;
    const owed = { ...debt, mode };
    this.#owed.set(name, owed);
    this.parts.owes(owed);
    if (known === undefined) this.parts.events.emit({ type: 'deferred', key, error, owed: this.depth });
    this.#later();
    return true;
  }

  /** The store is back: no need to wait any longer. */
  nudge(): void {
    if (this.#owed.size > 0 && !this.#isClosed) void this.#makeUp();
  }

  /** Tries once more what is owed, and no more after that. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#makeUp();
    const error = new Error('The application ended before Redis answered.');
    for (const { cache } of this.#owed.values()) {
      this.#isLost(tagsKey(this.parts.service, cache), error);
    }
    this.#owed.clear();
  }

  #isLost(key: string, error: unknown): void {
    this.#lost += 1;
    this.parts.events.emit({ type: 'invalidation-lost', key, error, lost: this.#lost });
  }

  #later(): void {
    if (!this.#isClosed) this.#cancel ??= this.parts.clock.after(AGAIN_MS, () => void this.#makeUp());
  }

  /** One at a time: whoever asks meanwhile waits for the one under way. */
  #makeUp(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#underway ??= this.#tryAll().finally(() => {
      this.#underway = undefined;
      if (this.#owed.size > 0) this.#later();
    });
    return this.#underway;
  }

  async #tryAll(): Promise<void> {
    for (const together of groups([...this.#owed.values()])) if (!(await this.#pay(together))) return;
  }

  async #pay(debts: readonly TagDebt[]): Promise<boolean> {
    const [first] = debts;
    if (first === undefined) return true;
    const tags = first.tag === '' ? [] : debts.map(({ tag }) => tag);
    try {
      await this.parts.pay(first.cache, tags, first.mode);
    } catch {
      // Still away: it stays owed, as was told.
      return false;
    }
    for (const debt of debts) this.#end(debt);
    return true;
  }

  #end(debt: TagDebt): void {
    const name = `${debt.cache}|${debt.tag}`;
    if (this.#owed.get(name) !== debt) return;
    this.#owed.delete(name);
    this.parts.paid(debt);
    this.#recovered += 1;
    this.parts.events.emit({ type: 'recovered', key: tagsKey(this.parts.service, debt.cache), owed: this.depth });
  }
}

/** What can be done in one go: tags of one cache, in one mode. */
function* groups(debts: readonly TagDebt[]): Generator<readonly TagDebt[]> {
  const open = new Map<string, TagDebt[]>();
  for (const debt of debts) {
    const name = `${debt.cache}|${debt.mode}|${debt.tag === ''}`;
    const group = open.get(name) ?? [];
    open.set(name, group);
    if (group.push(debt) < TOGETHER) continue;
    open.delete(name);
    yield group;
  }
  yield* open.values();
}
