import { CacheTimeoutError } from '../errors.js';
import type { ValueEntry } from '../entry/entry.js';
import { snapshot } from '../entry/snapshot.js';
import { sourceVersion } from '../entry/version.js';
import { drawSkip, LONGEST_SKIP } from '../staleness/draw-skip.js';
import type { Answer } from '../staleness/sampled-hit.js';
import type { StalenessFigures } from '../staleness/staleness-figures.js';
import { StalenessMeter } from '../staleness/staleness-meter.js';
import { inTime } from '../shared/in-time.js';
import { LoadRun } from './load.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

/** What a hit would have been answered with, had there been none. */
export interface Served {
  readonly load: (load: LoadRun) => unknown;
  /** Default: those of a call without options. */
  readonly rules?: CallRules | undefined;
  /** What was served, where it came from a layer below memory. */
  readonly entry?: ValueEntry | undefined;
}

/** Draws the hits that the staleness meter looks at. A hit that is not drawn costs a decrement and a branch. */
export class HitSamples {
  /** Hits until the next that is drawn: whoever serves one counts it down, and at 0 calls `take`. */
  left = LONGEST_SKIP;
  readonly #meter: StalenessMeter | undefined;
  readonly #runs = new Set<LoadRun>();
  #isClosed = false;

  /** `repair` takes a value out of every layer. */
  constructor(
    private readonly parts: CacheParts,
    repair: (id: string) => Promise<unknown>,
  ) {
    this.#meter = parts.staleness && new StalenessMeter(parts.staleness, meterParts(parts, repair));
    this.#draw();
  }

  /** This hit was drawn. Never throws: its caller has been served. */
  take(id: string, served: Served): void {
    this.#draw();
    if (this.#meter === undefined || served.rules?.neverCompared === true) return;
    // Its source says what the transaction sees, and perhaps nothing any more when it is asked.
    if (this.parts.transactions?.current() !== undefined) return;
    const line = this.#meter.drawn(
      id,
      served.rules?.origin ?? this.parts.keys.entity(id),
      served.rules?.level ?? 'eventual',
    );
    if (line === undefined) return;
    const rules = served.rules ?? this.parts.rules.forKey(id);
    const entry = served.entry ?? this.parts.store.hot.read(id);
    if (entry?.kind !== 'value') return line.count('changed');
    const ask = () => this.#ask(id, served.load, rules);
    this.#meter.look({ id, entry, ask, current: () => this.#layer(served).read(id) }, line);
  }

  figures(): readonly StalenessFigures[] {
    return this.#meter?.figures() ?? [];
  }

  /** Asks no source any more; loads under way are told to stop. */
  close(): void {
    this.#isClosed = true;
    this.#meter?.close();
    for (const run of this.#runs) run.abort(new Error('The application ends.'));
    this.#runs.clear();
  }

  #draw(): void {
    const { staleness, random } = this.parts;
    const isOn = staleness !== undefined && !this.#isClosed;
    this.left = isOn ? drawSkip(staleness.sample, random) : LONGEST_SKIP;
  }

  #layer({ entry }: Served) {
    const { hot, below } = this.parts.store;
    return entry === undefined ? hot : (below.at(-1) ?? hot);
  }

  /** As a load for a caller, but that it joins nobody, fills nothing and is nobody's to wait for. */
  async #ask(id: string, load: Served['load'], rules: CallRules): Promise<Answer> {
    const { clock, keys, scope } = this.parts;
    const run = new LoadRun(keys.full(id), clock.now() + rules.loadTimeout);
    const late = (): CacheTimeoutError => {
      const message = `The loader of '${run.key}' took longer than ${rules.loadTimeout} ms, asked to compare a hit with it.`;
      const error = new CacheTimeoutError(message, { key: run.key });
      run.abort(error);
      return error;
    };
    this.#runs.add(run);
    try {
      const at = { flight: run, isMethod: rules.origin !== undefined };
      const loading = new Promise((loaded) => loaded(scope.run(at, run, () => load(run))));
      return answerOf(await inTime(loading, { clock, ms: rules.loadTimeout, late }), rules);
    } finally {
      this.#runs.delete(run);
    }
  }
}

function answerOf(loaded: unknown, { as, version }: CallRules): Answer {
  if (loaded === undefined) return { value: undefined, source: undefined };
  const source = version === undefined || loaded === null ? undefined : sourceVersion(version(loaded));
  return { value: snapshot(loaded, { as }).value, source };
}

function meterParts({ clock, dates, events, keys, ...parts }: CacheParts, repair: (id: string) => Promise<unknown>) {
  const { notices, intents, recovery } = parts;
  return {
    clock,
    dates,
    events,
    fullKey: (id: string) => keys.full(id),
    position: () => notices.position(),
    isQuiet: (id: string, position: number) =>
      notices.admits(id, position) && !intents.isOpen(id) && !recovery.owes(id),
    repair,
  };
}
