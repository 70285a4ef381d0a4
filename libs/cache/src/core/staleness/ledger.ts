import type { ConsistencyLevel } from '../shared/consistency-level.js';
import type { Rest } from './pace.js';
import type { StalenessFigures } from './staleness-figures.js';

/** Bounds of the ages told, ms. */
const BOUNDS = [100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000, Number.POSITIVE_INFINITY];

/** Readers counted apart. More is no application but keys that are built of data: the rest is counted as one. */
const READERS = 1_000;

/** The reader that stands for all beyond the bound. */
const OTHERS = '*';

export type Tally = 'sampled' | 'recent' | 'skipped' | 'changed' | 'failed' | 'compared' | 'stale';

/** What is counted of one reader at one level. */
export class Line implements Rest {
  restUntil = 0;
  readonly #counts: Record<Tally, number> = {
    sampled: 0,
    recent: 0,
    skipped: 0,
    changed: 0,
    failed: 0,
    compared: 0,
    stale: 0,
  };
  readonly #ages = BOUNDS.map(() => 0);

  constructor(
    readonly reader: string,
    readonly level: ConsistencyLevel,
  ) {}

  count(what: Tally): void {
    this.#counts[what] += 1;
  }

  /** A stale value that had been wrong for so long at most, ms. */
  aged(ms: number): void {
    const at = BOUNDS.findIndex((bound) => ms <= bound);
    this.#ages[at] = (this.#ages[at] ?? 0) + 1;
  }

  figures(): StalenessFigures {
    const { sampled, skipped, recent, compared, stale } = this.#counts;
    // What was left out for the limits is taken to be as what was not.
    const rate = compared === 0 ? undefined : (stale / compared) * (1 - recent / (sampled - skipped));
    const ages = BOUNDS.map((upTo, at) => ({ upTo, count: this.#ages[at] ?? 0 }));
    return { reader: this.reader, level: this.level, ...this.#counts, rate, ages };
  }
}

/** The counts of every reader. */
export class Ledger {
  readonly #lines = new Map<string, Line>();

  line(reader: string, level: ConsistencyLevel): Line {
    const name = `${level} ${reader}`;
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    if (this.#lines.size >= READERS && reader !== OTHERS) return this.line(OTHERS, level);
    const line = new Line(reader, level);
    this.#lines.set(name, line);
    return line;
  }

  figures(): StalenessFigures[] {
    return Array.from(this.#lines.values(), (line) => line.figures());
  }
}
