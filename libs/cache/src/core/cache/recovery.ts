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

  /** Whether what the layers below hold of this key is known to be outdated. */
  owes(id: string): boolean {
    return this.#owed.size > 0 && this.#owed.has(id);
  }

  /** Remembers that the key must go, and why it could not. `false`: there was no room. */
  owe(id: string, error: unknown): boolean {
    const key = this.parts.keys.full(id);
    const isKnown = this.#owed.has(id);
    const isQueued = !this.#isClosed && (isKnown || this.#owed.size < this.#limit);
    if (!isQueued) this.parts.events.emit({ type: 'invalidation-lost', key, error });
    else if (!isKnown) this.parts.events.emit({ type: 'deferred', key, error });
    if (!isQueued) return false;
    this.#owed.set(id, {});
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
      this.parts.events.emit({ type: 'invalidation-lost', key: this.parts.keys.full(id), error });
    }
    this.#owed.clear();
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
      // Still away: it stays owed, as was told.
      return false;
    }
    if (this.#owed.get(id) === debt) this.#owed.delete(id);
    this.parts.events.emit({ type: 'recovered', key: this.parts.keys.full(id) });
    return true;
  }
}
