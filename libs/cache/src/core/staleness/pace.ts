import type { Clock } from '../shared/clock.js';

/** Comparisons under way at a time. */
const AT_ONCE = 2;

/** The most of one reader's time that its loader runs for comparisons: a slow one is asked seldom. */
const LOAD_SHARE = 0.1;

/** When a reader's loader may be run for a comparison again. */
export interface Rest {
  restUntil: number;
}

/** How fast comparisons may follow each other: a token bucket that holds a second's worth. */
export class Pace {
  #tokens: number;
  #filledAt: number;
  #running = 0;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {
    this.#tokens = this.#room;
    this.#filledAt = clock.coarse();
  }

  /** Whether one more comparison would not be too much. */
  hasRoom(rest: Rest): boolean {
    const now = this.clock.coarse();
    this.#tokens = Math.min(this.#room, this.#tokens + ((now - this.#filledAt) / 1_000) * this.perSecond);
    this.#filledAt = now;
    return this.#tokens >= 1 && this.#running < AT_ONCE && now >= rest.restUntil;
  }

  /** Begins a comparison, for which there is room and which `leave` ends. */
  enter(): void {
    this.#tokens -= 1;
    this.#running += 1;
  }

  /** Ends a comparison, whose loader ran for so many milliseconds. */
  leave(rest: Rest, loadMs: number): void {
    this.#running -= 1;
    rest.restUntil = this.clock.coarse() + loadMs / LOAD_SHARE - loadMs;
  }

  get #room(): number {
    return Math.max(1, this.perSecond);
  }
}
