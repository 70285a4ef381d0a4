import type { Clock } from '../shared/clock.js';
import type { LoadWord } from './lease.js';
import { Notices } from './notices.js';

/** Loads of which somebody waited that are remembered. */
const REMEMBERED = 1_024;

/** When and how long somebody waits. */
export interface Wait {
  /** `position()` when the other's load was asked for. */
  readonly since: number;
  readonly ms: number;
}

type Waiter = (news: LoadWord | undefined) => void;

/** Who in this process waits for loads of other processes. */
export class LoadWaits {
  readonly #waiting = new Map<string, Set<Waiter>>();
  /** News may come before the answer that says that there is something to wait for. */
  readonly #news = new Notices(REMEMBERED);

  constructor(private readonly clock: Clock) {}

  /** Take this before asking who loads a key. */
  position(): number {
    return this.#news.position();
  }

  /** Resolves with the news, or with nothing when the key changed or the time is over: then it is to be asked again. */
  wait(key: string, { since, ms }: Wait): Promise<LoadWord | undefined> {
    if (!this.#news.admits(key, since)) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const woken: Waiter = (news) => {
        cancel();
        this.#drop(key, woken);
        resolve(news);
      };
      const cancel = this.clock.after(ms, () => woken(undefined));
      const waiting = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, waiting.add(woken));
    });
  }

  /** A load of the key has ended. */
  tell(key: string, news: LoadWord): void {
    this.#news.note(key);
    this.#wake(key, news);
  }

  /** The key changed: what is loaded now will not be kept. */
  changed(key: string): void {
    if (this.#waiting.size > 0) this.#wake(key, undefined);
  }

  /** Any key may have changed. */
  anyChanged(): void {
    for (const key of this.#waiting.keys()) this.#wake(key, undefined);
  }

  #wake(key: string, news: LoadWord | undefined): void {
    for (const woken of this.#waiting.get(key) ?? []) woken(news);
  }

  #drop(key: string, woken: Waiter): void {
    const waiting = this.#waiting.get(key);
    waiting?.delete(woken);
    if (waiting?.size === 0) this.#waiting.delete(key);
  }
}
