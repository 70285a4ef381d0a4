import { isFresh } from '../entry/entry.js';
import { isSameVersion } from '../entry/version.js';
import type { HitVerdict } from '../events/cache-event.js';
import type { Clock } from '../shared/clock.js';
import { isSameValue } from './same-value.js';
import type { Answer, SampledHit } from './sampled-hit.js';

export interface ComparisonParts {
  readonly clock: Clock;
  /** The time that entries are dated by. */
  readonly dates: Clock;
  /** Whether nothing was told about the key since `position`, and no write of it is under way. */
  readonly isQuiet: (id: string, position: number) => boolean;
  /** Whether the application goes on: it asks nothing once it does not. */
  readonly isOpen: () => boolean;
}

/**
 * How long a notice may be under way, ms. A source that has changed just before it was asked is known to have, once this
 * has passed; and a replica of it that lags has had the time to follow.
 */
const SETTLING_MS = 250;

/** One comparison of a sampled hit with its source. */
export class Comparison {
  /** How long the loader ran, ms. */
  loadMs = 0;
  /** Why there is no verdict, where it failed. */
  error: unknown;

  constructor(
    private readonly hit: SampledHit,
    /** Where the notices stood when the hit was served. */
    private readonly position: number,
    private readonly parts: ComparisonParts,
  ) {}

  /** `undefined`: the application ended meanwhile. Never rejects. */
  async verdict(): Promise<HitVerdict | undefined> {
    try {
      const verdict = await this.#compare();
      return this.parts.isOpen() ? verdict : undefined;
    } catch (error) {
      this.error = error;
      return this.parts.isOpen() ? 'failed' : undefined;
    }
  }

  async #compare(): Promise<HitVerdict | undefined> {
    const { entry } = this.hit;
    const said = await this.#ask();
    if (said === undefined) return undefined;
    const order = this.#order(said);
    if (order === 0 || (order === undefined && isSameValue(entry.value, said.value))) return 'same';
    // An older version is of a replica that lags behind what the cache has.
    if (order !== undefined && order < 0) return 'changed';
    await this.#settled();
    if (!(await this.#stands())) return 'changed';
    if (order === undefined && !(await this.#saysAgain(said))) return 'changed';
    return (await this.#stands()) ? 'stale' : 'changed';
  }

  /** Whether what the source said is newer (1), the same (0) or older (-1) by its own versions, where it has them. */
  #order({ source }: Answer): -1 | 0 | 1 | undefined {
    const kept = this.hit.entry.version.source;
    if (source === undefined || kept === undefined) return undefined;
    return source === kept ? 0 : source > kept ? 1 : -1;
  }

  async #saysAgain(said: Answer): Promise<boolean> {
    const again = await this.#ask();
    return again !== undefined && isSameValue(said.value, again.value);
  }

  async #ask(): Promise<Answer | undefined> {
    const { clock, isOpen } = this.parts;
    if (!isOpen()) return undefined;
    const started = clock.now();
    try {
      return await this.hit.ask();
    } finally {
      this.loadMs += clock.now() - started;
    }
  }

  #settled(): Promise<void> {
    return new Promise((settled) => this.parts.clock.after(SETTLING_MS, () => settled()));
  }

  /** Whether the entry is still served, and nothing happened to its key. */
  async #stands(): Promise<boolean> {
    const { id, entry, current } = this.hit;
    const { dates, isQuiet } = this.parts;
    const there = await current();
    if (there === undefined || !isFresh(there, dates.now())) return false;
    return isSameVersion(there.version, entry.version) && isQuiet(id, this.position);
  }
}
