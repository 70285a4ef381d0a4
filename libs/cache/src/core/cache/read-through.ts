import type { Lease, LoadNews } from '../coherence/lease.js';
import { CacheConfigError, CacheTimeoutError } from '../errors.js';
import type { ValueEntry } from '../entry/entry.js';
import type { Key } from '../keys/key.js';
import { TOMBSTONE_MS } from '../layers/layer.js';
import type { Found } from '../layers/layered-store.js';
import { inTime } from '../shared/in-time.js';
import { Crowd } from './crowd.js';
import type { Flight } from './flights.js';
import type { HitSamples } from './hit-samples.js';
import type { Keeper } from './keeper.js';
import { LoadRun, type Load } from './load.js';
import type { Outcome } from './outcome.js';
import type { CacheParts, FleetParts } from './parts.js';
import type { CallRules } from './rules.js';
import { Turns, type Turn } from './turns.js';

export type Loader = (load: Load) => unknown;

/** Answers from the nearest layer, else from the loader, which runs once however many ask. */
export class ReadThrough {
  readonly #crowd = new Crowd();
  readonly #turns: Turns | undefined;

  constructor(
    private readonly parts: CacheParts,
    private readonly keeper: Keeper,
    private readonly samples: HitSamples,
  ) {
    this.#turns = parts.fleet && new Turns(parts, parts.fleet);
  }

  /** The way after memory had nothing fresh. */
  read(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const { flights, store, notices } = this.parts;
    const flight = flights.find(id);
    if (flight !== undefined)
      return this.parts.scope.isWithin(flight) ? this.#cycle(id, load, rules) : this.#join(id, flight, rules);
    const start =
      store.below.length === 0
        ? flights.start(id, rules, (own) =>
            this.#miss(id, load, { flight: own, since: notices.position(), isKnown: true }),
          )
        : flights.open(id, rules, (own) => this.#obtain(id, load, own));
    return start.outcome.then(rules.deliver);
  }

  /**
   * The way of the code of a database transaction. What it loads may be as old as the transaction, or never come true: no
   * layer keeps it, and nobody else is given it. It waits for nobody's load, which may wait for what the transaction holds.
   */
  readApart(id: string, load: Loader, { rules, asksLayers }: ApartRead): Promise<unknown> {
    if (this.parts.scope.isLoading(this.parts.keys.full(id))) return this.#cycle(id, load, rules);
    const sought = asksLayers ? this.find(id) : Promise.resolve<Sought>('unknown');
    const outcome = sought.then((found) =>
      typeof found === 'object' ? kept(found) : this.#loadApart(id, load, rules),
    );
    return outcome.then(rules.deliver);
  }

  async #loadApart(id: string, load: Loader, rules: CallRules): Promise<Outcome> {
    const { events, keys } = this.parts;
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
    return this.keeper.lend(id, await this.#load(id, load, { rules }), rules);
  }

  /** The load of a key, as written, that a call without options can join: the short way into a stampede. */
  joinStanding(key: string): Promise<unknown> | undefined {
    const flight = this.parts.flights.find(key);
    if (flight?.rules.standing !== true || this.parts.scope.isWithin(flight)) return undefined;
    if (this.parts.transactions?.current() !== undefined) return undefined;
    return this.#join(key, flight, flight.rules);
  }

  /** The value of a load that is done while layers still take it: until then only its flight has it. */
  joinLanding(id: string, rules: CallRules): Promise<unknown> | undefined {
    const flight = this.parts.flights.find(id);
    return flight?.filling === undefined ? undefined : this.#join(id, flight, rules);
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

  /** What the layers below memory have. */
  find(id: string): Promise<Sought> {
    return this.#seek(id, (sought) => sought);
  }

  /** Not `async`, and one promise with what follows: this is the way of every hit in a layer below. */
  #seek<T>(id: string, go: (sought: Sought) => T | Promise<T>): Promise<T> {
    const { store, recovery } = this.parts;
    if (recovery.owes(id)) return Promise.resolve<Sought>('unknown').then(go);
    return store.find(id).then(
      (found) => go(this.#found(id, found)),
      (error: unknown) => go(this.#failed(id, error)),
    );
  }

  #obtain(id: string, load: Loader, flight: CacheFlight): Promise<Outcome> {
    const since = this.parts.notices.position();
    const began = this.parts.clock.coarse();
    return this.#seek<Outcome>(id, (sought) => {
      if (typeof sought === 'string') {
        const isKnown = sought === 'nothing';
        const turns = isKnown ? this.#turns : undefined;
        if (turns !== undefined) flight.under = 'turn';
        const outcome =
          turns === undefined
            ? this.#miss(id, load, { flight, since, isKnown })
            : turns
                .next(id, { limit: flight.rules.loadTimeout, began })
                .then((turn) => this.#take(id, load, { flight, turn }));
        return this.#landing(id, flight, outcome);
      }
      this.parts.flights.land(id, flight);
      if (--this.samples.left === 0) this.samples.take(id, { load, rules: flight.rules, entry: sought });
      return { kind: 'kept', kept: sought };
    });
  }

  /** What the turn says that this process does about the key. */
  #take(id: string, load: Loader, { flight, turn }: { flight: CacheFlight; turn: Turn }): Promise<Outcome> | Outcome {
    const { events, keys, notices } = this.parts;
    switch (turn.kind) {
      case 'found':
        if (events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: 'shared' });
        return { kind: 'kept', kept: turn.entry };
      case 'alone':
        flight.under = undefined;
        return this.#miss(id, load, { flight, since: notices.position(), isKnown: false });
      case 'lease':
        flight.under = turn.lease;
        return this.#leased(id, load, { flight, since: turn.since, isKnown: true, lease: turn.lease });
      default:
        return turn satisfies never;
    }
  }

  /** Whoever waits for this load elsewhere is told when nothing comes of it. */
  async #leased(id: string, load: Loader, miss: Miss & { readonly lease: Lease }): Promise<Outcome> {
    const { lease, flight } = miss;
    const { fence, renewal } = this.parts.fleet as FleetParts;
    const give = (news: LoadNews): void => {
      // Otherwise it ends by itself.
      void fence.yield(lease, news).catch(() => undefined);
    };
    renewal.hold(lease);
    try {
      const outcome = await this.#miss(id, load, miss);
      if (flight.filling === undefined) give('unfilled');
      return outcome;
    } catch (error) {
      give('failed');
      throw error;
    } finally {
      renewal.release(lease);
    }
  }

  #found(id: string, found: Found | undefined): Sought {
    const { recovery, events, keys } = this.parts;
    // Asked again: the invalidation that failed may have done so meanwhile.
    if (recovery.owes(id)) return 'unknown';
    if (found === undefined) return 'nothing';
    if (events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: found.layer });
    return found.entry;
  }

  #failed(id: string, error: unknown): Sought {
    const { events, keys } = this.parts;
    events.emit({ type: 'layer-failed', key: keys.full(id), layer: 'shared', operation: 'read', error });
    return 'unknown';
  }

  async #landing(id: string, flight: CacheFlight, outcome: Promise<Outcome>): Promise<Outcome> {
    try {
      return await outcome;
    } finally {
      this.parts.flights.land(id, flight);
    }
  }

  async #miss(id: string, load: Loader, { flight, since, isKnown, lease }: Miss): Promise<Outcome> {
    const { rules } = flight;
    const { clock, versions, events, keys } = this.parts;
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
    // Taken before the load: whatever happens to the key from here on is newer, in every process.
    const assigned = lease?.assigned ?? (isKnown ? versions.next() : 0);
    const started = clock.now();
    const loaded = await this.#load(id, load, flight);
    const computeMs = clock.now() - started;
    const about = { rules, since, computeMs, assigned, lease };
    const filling = (done: Promise<void>) => {
      flight.filling = done;
    };
    // What happened to the key so long ago is remembered nowhere any more.
    const isFenced = lease !== undefined || computeMs < TOMBSTONE_MS || this.parts.store.below.length === 0;
    const outcome =
      isKnown && isFenced ? this.keeper.keep(id, loaded, { ...about, filling }) : this.keeper.pass(id, loaded, rules);
    this.#crowd.learn(outcome, rules);
    return outcome;
  }

  async #load(id: string, load: Loader, flight: Pick<CacheFlight, 'rules'>): Promise<unknown> {
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
    const late = (): CacheTimeoutError => {
      const error = tooSlow(run.key, limit);
      run.abort(error);
      return error;
    };
    return inTime(new Promise((loaded) => loaded(load(run))), { clock: this.parts.clock, ms: limit, late });
  }
}

type CacheFlight = Flight<Outcome, CallRules>;

/** A fresh value; `unknown`: the layers cannot be asked, or what they have is known to be outdated. */
type Sought = ValueEntry | 'nothing' | 'unknown';

interface ApartRead {
  readonly rules: CallRules;
  /** Whether what the layers have may be the answer. */
  readonly asksLayers: boolean;
}

interface Miss {
  readonly flight: CacheFlight;
  readonly since: number;
  /** Whether the layers below could be asked. */
  readonly isKnown: boolean;
  /** The right to keep what is loaded, where processes share entries. */
  readonly lease?: Lease | undefined;
}

const kept = (entry: ValueEntry): Outcome => ({ kind: 'kept', kept: entry });

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
