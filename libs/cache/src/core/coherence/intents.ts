import type { Clock } from '../shared/clock.js';
import type { Notices } from './notices.js';

/** The mark of a write under way. */
export interface Intent {
  readonly key: string;
  /** Where the notices stood when the write began. */
  readonly position: number;
  /** When the mark lapses, so that a save that never ends cannot keep a key uncached for ever. */
  readonly until: number;
}

/**
 * How a writer stands when its save is done. `alone`: nobody else touched the key, its value is the newest.
 * `overlapped`: others wrote too, or it took too long; only a version of the source can tell whose value is newer.
 * `disturbed`: something happened that no version tells of (a delete, a save that failed), or may have happened unheard,
 * so nothing may be stored.
 */
export type Standing = 'alone' | 'overlapped' | 'disturbed';

/**
 * Closes the dual write (source, then cache). While an intent is open nothing is filled; at its end a writer may store
 * only if it is known to be the newest. Otherwise nobody knows which save the source took last, and the entry is dropped.
 */
export class Intents {
  readonly #open = new Map<string, Set<Intent>>();
  readonly #disturbed = new WeakSet<Intent>();

  constructor(
    private readonly notices: Notices,
    private readonly clock: Clock,
    private readonly timeout: number,
  ) {}

  /** Tells everybody that the key is about to change. */
  begin(key: string): Intent {
    const intent = { key, position: this.notices.note(key), until: this.clock.now() + this.timeout };
    const open = this.#open.get(key) ?? new Set();
    this.#open.set(key, open.add(intent));
    return intent;
  }

  /** The key changed in a way that no version tells of: writers under way can no longer know their place. */
  disturb(key: string): void {
    for (const intent of this.#open.get(key) ?? []) this.#disturbed.add(intent);
  }

  /** Ends the write. */
  end(intent: Intent): Standing {
    const open = this.#open.get(intent.key);
    open?.delete(intent);
    if (open?.size === 0) this.#open.delete(intent.key);
    if (this.#disturbed.has(intent) || !this.notices.covers(intent.position)) return 'disturbed';
    const alone = !this.isOpen(intent.key) && this.notices.admits(intent.key, intent.position);
    return alone && intent.until > this.clock.now() ? 'alone' : 'overlapped';
  }

  /** Whether a write of this key is under way. */
  isOpen(key: string): boolean {
    const now = this.clock.now();
    for (const { until } of this.#open.get(key) ?? []) if (until > now) return true;
    this.#open.delete(key);
    return false;
  }
}
