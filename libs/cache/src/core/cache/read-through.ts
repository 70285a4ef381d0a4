import { CacheConfigError, CacheTimeoutError } from '../errors.js';
import type { Key } from '../keys/key.js';
import { Crowd } from './crowd.js';
import type { Flight } from './flights.js';
import type { Keeper } from './keeper.js';
import { LoadRun, type Load } from './load.js';
import type { Outcome } from './outcome.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

export type Loader = (load: Load) => unknown;

/** Answers from the nearest layer, else from the loader, which runs once however many ask. */
export class ReadThrough {
  readonly #crowd = new Crowd();

  constructor(
    private readonly parts: CacheParts,
    private readonly keeper: Keeper,
  ) {}

  /** The way after memory had nothing fresh. */
  read(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const { flights, events, keys } = this.parts;
    const flight = flights.find(id);
    if (flight !== undefined)
      return this.parts.scope.isWithin(flight) ? this.#cycle(id, load, rules) : this.#join(id, flight, rules);
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
    return flights.start(id, rules, (flight) => this.#obtain(id, load, flight)).outcome.then(rules.deliver);
  }

  /** The load of a key, as written, that a call without options can join: the short way into a stampede. */
  joinStanding(key: string): Promise<unknown> | undefined {
    const flight = this.parts.flights.find(key);
    if (flight?.rules.standing !== true || this.parts.scope.isWithin(flight)) return undefined;
    return this.#join(key, flight, flight.rules);
  }

  /** A load that asks for its own key. A method that does (an override that calls super) runs once more, bare. */
  async #cycle(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const key = this.parts.keys.full(id) as Key;
    if (rules.origin === undefined) throw ownKey(key);
    return load(new LoadRun(key, this.parts.clock.now() + rules.loadTimeout));
  }

  #join(id: string, flight: CacheFlight, rules: CallRules): Promise<unknown> {
    const { events, keys } = this.parts;
    if (events.wants('joined')) events.emit({ type: 'joined', key: keys.full(id) });
    return this.#crowd.join(flight, rules);
  }

  async #obtain(id: string, load: Loader, flight: CacheFlight): Promise<Outcome> {
    const { rules } = flight;
    const { store, notices, clock } = this.parts;
    const since = notices.position();
    if (store.below.length > 0) {
      const entry = await store.find(id);
      if (entry !== undefined) return { kind: 'kept', kept: entry };
    }
    const started = clock.now();
    const loaded = await this.#load(id, load, flight);
    const outcome = this.keeper.keep(id, loaded, { rules, since, computeMs: clock.now() - started });
    this.#crowd.learn(outcome, rules);
    return outcome;
  }

  async #load(id: string, load: Loader, flight: CacheFlight): Promise<unknown> {
    const { clock, events, keys, scope } = this.parts;
    const { loadTimeout, origin } = flight.rules;
    const at = { flight, isMethod: origin !== undefined };
    const started = clock.now();
    const run = new LoadRun(keys.full(id) as Key, started + loadTimeout);
    try {
      const loaded = await this.#inTime(run, (of) => scope.run(at, of, () => load(of)), loadTimeout);
      if (events.wants('loaded')) events.emit({ type: 'loaded', key: run.key, ms: clock.now() - started });
      return loaded;
    } catch (error) {
      events.emit({ type: 'load-failed', key: run.key, ms: clock.now() - started, error });
      throw error;
    }
  }

  /** The loader's own error passes as it is; a loader that is too late gets its signal aborted and is not waited for. */
  #inTime(run: LoadRun, load: Loader, limit: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.parts.clock.after(limit, () => {
        const error = tooSlow(run.key, limit);
        reject(error);
        run.abort(error);
      });
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          cancel();
          settle(value);
        };
      new Promise((loaded) => loaded(load(run))).then(settled(resolve), settled(reject));
    });
  }
}

type CacheFlight = Flight<Outcome, CallRules>;

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
