import type { Cancel, Clock } from '../shared/clock.js';
import type { NoticeMemory } from './notice-memory.js';

export interface ResendsParts {
  readonly clock: Clock;
  /** What this process has changed. */
  readonly changes: Pick<NoticeMemory, 'all'>;
  /**
   * Removes what is older than this change of the key. `true`: it was there, so the change was lost. Rejects if nobody
   * knows; answers in bounded time.
   */
  readonly again: (key: string, assigned: number) => Promise<boolean>;
  /** Told how it went. Must not throw. */
  readonly done: (outcome: Resent) => void;
}

/** What came of telling a server again what was changed. */
export interface Resent {
  /** Keys whose server was asked. */
  readonly keys: number;
  /** Of these, whose change it had lost. */
  readonly lost: number;
  /** Whose server gave no answer for `GIVE_UP_MS`: what it may have lost stays until it ends. */
  readonly unanswered: number;
}

/** Keys that are asked about together, and how long until the next, ms: 5,000 a second at most. */
const TOGETHER = 50;
const PAUSE_MS = 10;

/** How long a try without an answer waits for the next, ms, and after which time without any there is no other. */
const AGAIN_MS = 500;
const GIVE_UP_MS = 600_000;

/**
 * Makes again what this process has changed, where another server has taken the place of the one that confirmed it and may
 * not know. So what came back there is removed, and everybody hears of it, also those who never heard of the change.
 */
export class Resends {
  /** What is still to be asked about. A change that comes again meanwhile is asked about once. */
  readonly #due = new Map<string, number>();
  #counts = { keys: 0, lost: 0 };
  #answeredAt = 0;
  #cancel: Cancel = () => undefined;
  #isAsking = false;
  #isClosed = false;

  constructor(private readonly parts: ResendsParts) {}

  /**
   * Servers may have lost changes of these keys, or will have when they are back: what is known now is asked about as soon
   * as there is an answer, however long that takes.
   */
  begin(isConcerned: (key: string) => boolean): void {
    if (this.#isClosed) return;
    for (const [key, assigned] of this.parts.changes.all()) if (isConcerned(key)) this.#due.set(key, assigned);
    this.#answeredAt = this.parts.clock.now();
    if (this.#due.size > 0 && !this.#isAsking) this.#later(0);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#due.clear();
  }

  #later(ms: number): void {
    this.#cancel();
    this.#cancel = this.parts.clock.after(ms, () => void this.#next());
  }

  async #next(): Promise<void> {
    const batch: [key: string, assigned: number][] = [];
    for (const change of this.#due) if (batch.push(change) === TOGETHER) break;
    this.#isAsking = true;
    const answered = await Promise.all(batch.map((change) => this.#ask(...change)));
    this.#isAsking = false;
    if (this.#isClosed) return;
    const now = this.parts.clock.now();
    if (answered.includes(true)) this.#answeredAt = now;
    const isGivenUp = now - this.#answeredAt >= GIVE_UP_MS;
    if (this.#due.size === 0 || isGivenUp) this.#end();
    else this.#later(answered.includes(false) ? AGAIN_MS : PAUSE_MS);
  }

  /** Whether there was an answer. One without stays due, behind the others. */
  async #ask(key: string, assigned: number): Promise<boolean> {
    try {
      const isLost = await this.parts.again(key, assigned);
      if (this.#due.get(key) === assigned) this.#due.delete(key);
      this.#counts.keys += 1;
      if (isLost) this.#counts.lost += 1;
      return true;
    } catch {
      const due = this.#due.get(key);
      if (due !== undefined && this.#due.delete(key)) this.#due.set(key, due);
      return false;
    }
  }

  #end(): void {
    const outcome = { ...this.#counts, unanswered: this.#due.size };
    this.#counts = { keys: 0, lost: 0 };
    this.#due.clear();
    this.parts.done(outcome);
  }
}
