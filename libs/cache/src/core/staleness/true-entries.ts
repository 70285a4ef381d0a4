import type { ValueEntry } from '../entry/entry.js';
import { isSameVersion, type Version } from '../entry/version.js';

/** Keys remembered. Beyond it the oldest are forgotten, and their entries are believed as of when they were loaded. */
const REMEMBERED = 1_000;

interface Known {
  readonly version: Version;
  readonly at: number;
}

/** Until when entries are known to have been true. */
export class TrueEntries {
  readonly #known = new Map<string, Known>();

  /** The entry was found to be what the source says. */
  confirm(id: string, { version }: ValueEntry, at: number): void {
    this.#known.delete(id);
    this.#known.set(id, { version, at });
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }

  /** When the source was last asked about the entry: for a comparison, else when its load began. */
  since(id: string, entry: ValueEntry): number {
    const known = this.#known.get(id);
    const loadedAt = entry.createdAt - entry.computeMs;
    return known !== undefined && isSameVersion(known.version, entry.version) ? Math.max(known.at, loadedAt) : loadedAt;
  }
}
