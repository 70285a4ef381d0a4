import type { EventHub } from '../events/event-hub.js';
import type { KeySpace } from '../keys/key-space.js';
import type { MaybePromise } from '../layers/layer.js';
import type { Cancel, Clock } from '../shared/clock.js';

export interface RecoveryParts {
  readonly keys: KeySpace;
  readonly events: EventHub;
  readonly clock: Clock;
  /** Removes a key from every layer. */
  readonly remove: (id: string) => MaybePromise<void>;
  /** Keys remembered at most. Default 100,000. */
  readonly limit?: number | undefined;
}

/** What could not be told to Redis, and what became of it, since the start of this process. */
export interface RecoveryFigures {
  /** Keys and tags that wait now until Redis can be told. What they concern is read from its source. */
  readonly owed: number;
  /** Invalidations that were made up for. */
  readonly recovered: number;
  /** Those that found the queue full or the process at its end: what Redis holds of their keys and tags stays until it ends. */
  readonly lost: number;
}

/** How long a try to make up waits for the next. */
const AGAIN_MS = 500;

/** Keys made up for together. */
const TOGETHER = 100;

/**
 * Invalidations that could not reach a layer, made up for as soon as it answers: otherwise what it holds would come back
 * as if it were true. Only that a key must go is remembered, never a value, which would come back as the newest.
 */
export class Recovery {
  /** Every debt is an object of its own: one that was renewed while it was paid stays. */
  readonly #owed = new Map<string, object>();
  readonly #limit: number;
  #recovered = 0;
  #lost = 0;
  #cancel: Cancel | undefined;
  #isClosed = false;
  #underway: Promise<void> | undefined;

  constructor(private readonly parts: RecoveryParts) {
    this.#limit = parts.limit ?? 100_000;
  }

  /** How many keys are owed. */
  get depth(): number {
    return this.#owed.size;
  }

  figures(): RecoveryFigures {
    return { owed: this.#owed.size, recovered: this.#recovered, lost: this.#lost };
  }

  /** Whether what the layers below hold of this key is known to be outdated. */
  owes(id: string): boolean {
    return this.#owed.size > 0 && this.#owed.has(id);
  }

  /** Remembers that the key must go, and why it could not. `false`: there was no room. */
  owe(id: string, error: unknown): boolean {
    const key = this.parts.keys.full(id);
    const isKnown = this.#owed.has(id);
    const isQueued = !this.#isClosed && (isKnown || this.#owed.size < this.#limit);
    if (!isQueued) {
      this.#isLost(key, error);
      return false;
    }
    this.#owed.set(id, {});
    if (!isKnown) this.parts.events.emit({ type: 'deferred', key, error, owed: this.depth });
    this.#later();
    return true;
  }

  /** A layer is back: no need to wait any longer. */
  nudge(): void {
    if (this.#owed.size === 0 || this.#isClosed) return;
    void this.#makeUp();
  }

  /** Tries once more what is owed, and no more after that. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#makeUp();
    for (const id of this.#owed.keys()) {
      const error = new Error('The application ended before Redis answered.');
      this.#isLost(this.parts.keys.full(id), error);
    }
    this.#owed.clear();
  }

  #isLost(key: string, error: unknown): void {
    this.#lost += 1;
    this.parts.events.emit({ type: 'invalidation-lost', key, error, lost: this.#lost });
  }

  #later(): void {
    if (this.#isClosed) return;
    this.#cancel ??= this.parts.clock.after(AGAIN_MS, () => void this.#makeUp());
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
    const due = [...this.#owed];
    for (let at = 0; at < due.length; at += TOGETHER) {
      const done = await Promise.all(due.slice(at, at + TOGETHER).map(([id, debt]) => this.#pay(id, debt)));
      if (done.includes(false)) break;
    }
  }

  async #pay(id: string, debt: object): Promise<boolean> {
    try {
      await this.parts.remove(id);
    } catch {
      // Still away: it stays owed, as was told, behind those of other nodes, which may answer.
      if (this.#owed.get(id) === debt && this.#owed.delete(id)) this.#owed.set(id, debt);
      return false;
    }
    if (this.#owed.get(id) === debt) this.#owed.delete(id);
    this.#recovered += 1;
    this.parts.events.emit({ type: 'recovered', key: this.parts.keys.full(id), owed: this.depth });
    return true;
  }
}
