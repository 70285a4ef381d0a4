import type { Clock } from '../shared/clock.js';

/** Keys whose failures are remembered. Beyond it the oldest is forgotten, and is loaded anew sooner. */
const REMEMBERED = 10_000;

/** Which keys could not be loaded lately, so that their sources are let alone for a while. */
export class FailedLoads {
  readonly #until = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** A load failed; for so many ms it is not tried again. */
  note(id: string, ms: number): void {
    if (ms === 0) return;
    this.#until.delete(id);
    this.#until.set(id, this.clock.now() + ms);
    if (this.#until.size <= REMEMBERED) return;
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest);
      return;
    }
  }

  /** Whether the key is not to be loaded yet. */
  has(id: string): boolean {
    const until = this.#until.get(id);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    this.#until.delete(id);
    return false;
  }

  /** The key was loaded, or it changed. */
  forget(id: string): void {
    if (this.#until.size > 0) this.#until.delete(id);
  }
}
