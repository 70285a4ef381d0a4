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
 * Closes the dual write (source, then cache). While an intent is open nothing is filled; at its end a writer may store
 * only if nobody else wrote, deleted or expired the key in between. Otherwise nobody knows which save the source took
 * last, and the entry is dropped.
 */
export class Intents {
  readonly #open = new Map<string, Set<Intent>>();

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

  /** Ends the write. True if the writer was alone for the whole span and in time. */
  end(intent: Intent): boolean {
    const open = this.#open.get(intent.key);
    open?.delete(intent);
    const alone = !this.isOpen(intent.key) && this.notices.admits(intent.key, intent.position);
    return alone && intent.until > this.clock.now();
  }

  /** Whether a write of this key is under way. */
  isOpen(key: string): boolean {
    const now = this.clock.now();
    for (const { until } of this.#open.get(key) ?? []) if (until > now) return true;
    this.#open.delete(key);
    return false;
  }
}
