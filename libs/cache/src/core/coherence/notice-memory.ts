import type { Clock } from '../shared/clock.js';
import { AHEAD_US } from './assigned-versions.js';

export interface NoticeMemoryParts {
  /** This process's time. */
  readonly clock: Clock;
  /** The time that versions are taken from. */
  readonly dates: Clock;
  /** Changes that are remembered at least, however many come. Default 32,768; at most twice as many are. */
  readonly keys?: number | undefined;
}

/** How long a change is remembered at least, ms: as long as a tombstone holds it. It is forgotten after twice that. */
const REMEMBERED_MS = 60_000;

/**
 * The version of what was last done to each key. A server copies to its replicas only after it has answered, so one that
 * takes its place may lack what was said to be done, and give out as fresh what was replaced. Whoever remembers the change
 * knows better. Two generations, of which the older is dropped when the younger is full or old: a note costs a look-up and
 * an entry, and nobody walks through keys. What more changes than are kept push out is no longer known to be lost.
 */
export class NoticeMemory {
  #recent = new Map<string, number>();
  #before = new Map<string, number>();
  #began = 0;

  constructor(private readonly parts: NoticeMemoryParts) {}

  /** The key was given this version. A lower one than it had comes late, and is no news. */
  note(key: string, assigned: number): void {
    this.#age();
    if (assigned <= this.versionOf(key)) return;
    this.#recent.set(key, assigned);
    if (this.#recent.size >= (this.parts.keys ?? 32_768)) this.#turn(this.parts.clock.coarse());
  }

  /** Whether an entry of this version was replaced or removed since: to be asked of what is shared, and may have come back. */
  outdates(key: string, assigned: number): boolean {
    const known = this.#recent.get(key) ?? this.#before.get(key);
    return known !== undefined && known > assigned && this.versionOf(key) > assigned;
  }

  /** The highest version that is remembered; 0: none. One far ahead of the time is damage, or of a clock that was wrong. */
  versionOf(key: string): number {
    this.#age();
    const known = this.#recent.get(key) ?? this.#before.get(key) ?? 0;
    return known > 0 && known < this.parts.dates.now() * 1_000 + AHEAD_US ? known : 0;
  }

  /** All that is remembered, what was changed last first. */
  all(): readonly (readonly [key: string, assigned: number])[] {
    this.#age();
    const older = [...this.#before].filter(([key]) => !this.#recent.has(key));
    return [...[...this.#recent].toReversed(), ...older.toReversed()];
  }

  #age(): void {
    const now = this.parts.clock.coarse();
    if (now - this.#began < REMEMBERED_MS) return;
    const isLong = now - this.#began >= 2 * REMEMBERED_MS;
    if (isLong) this.#recent = new Map();
    this.#turn(isLong ? now : this.#began + REMEMBERED_MS);
  }

  #turn(began: number): void {
    this.#before = this.#recent;
    this.#recent = new Map();
    this.#began = began;
  }
}
