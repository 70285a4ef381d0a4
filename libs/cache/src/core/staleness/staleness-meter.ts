import type { HitVerdict } from '../events/cache-event.js';
import type { EventHub } from '../events/event-hub.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import { Comparison, type ComparisonParts } from './comparison.js';
import { Ledger, type Line } from './ledger.js';
import { Pace } from './pace.js';
import type { SampledHit } from './sampled-hit.js';
import type { StalenessFigures } from './staleness-figures.js';
import type { StalenessRules } from './staleness-rules.js';
import { TrueEntries } from './true-entries.js';

export interface MeterParts extends Omit<ComparisonParts, 'isOpen'> {
  readonly events: EventHub;
  readonly fullKey: (id: string) => string;
  /** Where the notices stand. */
  readonly position: () => number;
  /** Takes a wrong value out of every layer. Never rejects. */
  readonly repair: (id: string) => Promise<unknown>;
}

/** A value whose source was asked so short a time ago, ms, counts as true: its source is not asked again. */
const RECENT_MS = 1_000;

/** A hit that is looked at, and where it is counted. */
interface Look {
  readonly hit: SampledHit;
  readonly line: Line;
  readonly position: number;
  /** When it was served, by the time that entries are dated by. */
  readonly at: number;
}

/**
 * Compares sampled hits with their source, in the background and slowly; counts how often the cache was wrong, and for
 * how long, and removes what is. What it finds, no notice has told of: a writer that bypasses the cache, a lost message.
 *
 * Its promise: of a value that stays wrong, `n` hits after its first second find it with probability 1 − (1 − sample)^n,
 * so 3 / sample hits with 95 %, while the limits (`perSecond`, slow loaders) leave none of its samples out.
 */
export class StalenessMeter {
  readonly #ledger = new Ledger();
  readonly #known = new TrueEntries();
  readonly #pace: Pace;
  /** The keys under comparison: once at a time is enough. */
  readonly #underway = new Set<string>();
  #isOpen = true;

  constructor(
    rules: Pick<StalenessRules, 'perSecond'>,
    private readonly parts: MeterParts,
  ) {
    this.#pace = new Pace(rules.perSecond, parts.clock);
  }

  /**
   * A hit on this key was drawn. What to look at it with, unless it is left out, which is decided before anything else of
   * it is known: it costs little, and leaves out the true and the stale alike.
   */
  drawn(id: string, reader: string, level: ConsistencyLevel): Line | undefined {
    const line = this.#ledger.line(reader, level);
    line.count('sampled');
    if (this.#isOpen && !this.#underway.has(id) && this.#pace.hasRoom(line)) return line;
    line.count('skipped');
    return undefined;
  }

  /** Looks at it. Returns at once: what follows has nothing to do with the caller. */
  look(hit: SampledHit, line: Line): void {
    const { dates, clock, position, isQuiet } = this.parts;
    const look = { hit, line, position: position(), at: dates.now() };
    if (look.at - this.#known.since(hit.id, hit.entry) < RECENT_MS) return line.count('recent');
    if (!isQuiet(hit.id, look.position)) return line.count('changed');
    this.#pace.enter();
    this.#underway.add(hit.id);
    // A promise, so that the loader runs in the asynchronous context of its call, by whatever clock.
    void new Promise<void>((later) => clock.after(0, later)).then(() => this.#compare(look));
  }

  /** What was counted so far. */
  figures(): StalenessFigures[] {
    return this.#ledger.figures();
  }

  /** Compares nothing any more. */
  close(): void {
    this.#isOpen = false;
  }

  async #compare(look: Look): Promise<void> {
    const { hit, line, position } = look;
    const comparison = new Comparison(hit, position, { ...this.parts, isOpen: () => this.#isOpen });
    const verdict = await comparison.verdict();
    this.#pace.leave(line, comparison.loadMs);
    if (verdict !== undefined) {
      this.#book(look, verdict);
      this.#tell(look, verdict, comparison.error);
    } else line.count('skipped');
    if (verdict === 'stale') await this.parts.repair(hit.id);
    this.#underway.delete(hit.id);
  }

  #book({ hit, line, at }: Look, verdict: HitVerdict): void {
    switch (verdict) {
      case 'changed':
      case 'failed':
        return line.count(verdict);
      case 'stale':
        line.count('compared');
        line.count('stale');
        return line.aged(this.#age({ hit, at }));
      case 'same':
        line.count('compared');
        return this.#known.confirm(hit.id, hit.entry, at);
      default:
        return verdict satisfies never;
    }
  }

  #tell({ hit, line, at }: Look, verdict: HitVerdict, error: unknown): void {
    const { events, fullKey } = this.parts;
    const about = { key: fullKey(hit.id), reader: line.reader, level: line.level };
    if (events.wants('hit-compared')) events.emit({ type: 'hit-compared', ...about, verdict, error });
    if (verdict === 'stale') events.emit({ type: 'stale-hit', ...about, age: this.#age({ hit, at }) });
  }

  /** How long the value had been wrong at most when it was served: nobody knows when its source changed. */
  #age({ hit, at }: Pick<Look, 'hit' | 'at'>): number {
    return Math.max(0, at - this.#known.since(hit.id, hit.entry));
  }
}
