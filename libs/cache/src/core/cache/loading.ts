import { CacheConfigError, CacheTimeoutError } from '../errors.js';
import type { Key } from '../keys/key.js';
import type { ValueEntry } from '../entry/entry.js';
import { inTime } from '../shared/in-time.js';
import type { Tagging } from '../tags/tagging.js';
import { view } from './deliver.js';
import { LoadRun, NotModified, type Load, type LoadWishes } from './load.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';
import type { StaleOffer } from './stale-offer.js';

export interface Loader {
  (load: Load): unknown;
  /** Told, perhaps more than once, when the key is loaded by somebody else, who is waited for. */
  readonly waits?: () => void;
}

/** What a loader gave, and what it said of it. */
export interface Loaded {
  readonly value: unknown;
  readonly wishes: LoadWishes;
}

/** Runs loaders, each in its scope and within its time. */
export class Loading {
  constructor(private readonly parts: Pick<CacheParts, 'clock' | 'counts' | 'events' | 'keys' | 'scope'>) {}

  /** @param flight what the load is part of: whoever is called by the loader can ask whether he is within it */
  async run(id: string, load: Loader, flight: Run): Promise<Loaded> {
    const { clock, counts, events, keys, scope } = this.parts;
    const { loadTimeout, origin } = flight.rules;
    const at = { flight, isMethod: origin !== undefined };
    const started = clock.now();
    const ground = { tagging: flight.tagging, stale: () => staleOf(flight) };
    const run = new LoadRun(keys.full(id) as Key, started + loadTimeout, ground);
    const tally = counts.of(id);
    if (events.wants('load-started')) events.emit({ type: 'load-started', key: run.key });
    const loaded = (value: unknown): Loaded => {
      const ms = clock.now() - started;
      tally.loads += 1;
      tally.loadMs += ms;
      if (events.wants('loaded')) events.emit({ type: 'loaded', key: run.key, ms });
      return { value, wishes: run };
    };
    try {
      const work = (of: Load): unknown => scope.run(at, of, () => load(of));
      return loaded(await this.#inTime(run, () => unlessAbandoned(run, work, flight), loadTimeout));
    } catch (error) {
      if (error instanceof NotModified) return loaded(error.value);
      tally.loadFailures += 1;
      events.emit({ type: 'load-failed', key: run.key, ms: clock.now() - started, error });
      throw error;
    }
  }

  /** A load that asks for its own key. A method that does (an override that calls super) runs once more, bare. */
  async cycle(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const key = this.parts.keys.full(id) as Key;
    if (rules.origin === undefined) throw ownKey(key);
    return load(new LoadRun(key, this.parts.clock.now() + rules.loadTimeout));
  }

  /**
   * The loader's own error passes as it is; one that is too late, or that nobody waits for any more, gets its signal
   * aborted and is not waited for.
   */
  #inTime(run: LoadRun, load: Loader, limit: number): Promise<unknown> {
    const late = (): CacheTimeoutError => {
      const error = tooSlow(run.key, limit);
      run.abort(error);
      return error;
    };
    return inTime(new Promise((loaded) => loaded(load(run))), { clock: this.parts.clock, ms: limit, late });
  }
}

/** What a run of a loader is for. */
interface Run {
  readonly rules: CallRules;
  /** What it replaces: still fresh, or not any more. */
  readonly known?: ValueEntry | undefined;
  readonly stale?: Pick<StaleOffer, 'entry'> | undefined;
  /** Takes the tags that the loader names. */
  readonly tagging?: Pick<Tagging, 'name'> | undefined;
  /** Who is told when nobody waits for it any more. `true`: it was told at once. */
  onAbandon?(told: (reason: unknown) => void): boolean;
}

/** A load that nobody waits for is not begun; one that has begun ends here, so that its lease is free at once. */
function unlessAbandoned(run: LoadRun, load: Loader, flight: Run): unknown {
  if (flight.onAbandon === undefined) return load(run);
  return new Promise((resolve, reject) => {
    const abandon = (reason: unknown): void => {
      run.abort(reason);
      reject(reason as Error);
    };
    if (flight.onAbandon?.(abandon) === true) return;
    const loaded = load(run);
    if (loaded instanceof Promise) loaded.then(resolve, reject);
    else resolve(loaded);
  });
}

function staleOf({ known, stale, rules }: Run): unknown {
  const kept = known ?? stale?.entry;
  return kept && view(kept, rules);
}

function ownKey(key: string): CacheConfigError {
  return new CacheConfigError(
    `The loader of '${key}' asks for '${key}' itself, directly or through another loader, and would wait for itself. Give the inner read a key of its own, or call what it loads.`,
    { key },
  );
}

function tooSlow(key: string, limit: number): CacheTimeoutError {
  return new CacheTimeoutError(
    `The loader of '${key}' took longer than ${limit} ms. Raise loadTimeout.hard, hand load.signal to what it waits for, or see whether it asks for its own key.`,
    { key },
  );
}
