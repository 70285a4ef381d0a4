import type { Lease } from '../coherence/lease.js';
import { CacheTimeoutError } from '../errors.js';
import type { ValueEntry } from '../entry/entry.js';
import { ANSWER_MS, TOMBSTONE_MS } from '../layers/layer.js';
import type { Found } from '../layers/layered-store.js';
import { inTime } from '../shared/in-time.js';
import { Crowd } from './crowd.js';
import type { Flight } from './flights.js';
import type { HitSamples } from './hit-samples.js';
import type { Keeper } from './keeper.js';
import type { Loader, Loading } from './loading.js';
import type { Outcome } from './outcome.js';
import type { CacheParts, FleetParts } from './parts.js';
import type { CallRules } from './rules.js';
import { SOON_MS } from './soon.js';
import type { Turn, Turns } from './turns.js';
import { underLease } from './under-lease.js';

/** What every kind of read goes on to. */
export interface ReadWays {
  readonly keeper: Keeper;
  readonly samples: HitSamples;
  readonly loading: Loading;
  /** Where processes share entries. */
  readonly turns: Turns | undefined;
}

/** Answers from the nearest layer, else from the loader, which runs once however many ask. */
export class ReadThrough {
  readonly #crowd = new Crowd();

  constructor(
    private readonly parts: CacheParts,
    private readonly ways: ReadWays,
  ) {}

  /** The way after memory had nothing fresh. */
  read(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const { flights, store, notices } = this.parts;
    const flight = flights.find(id);
    if (flight !== undefined)
      return this.parts.scope.isWithin(flight)
        ? this.ways.loading.cycle(id, load, rules)
        : this.#join(id, flight, rules);
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
    if (this.parts.scope.isLoading(this.parts.keys.full(id))) return this.ways.loading.cycle(id, load, rules);
    const sought = asksLayers ? this.find(id, rules) : Promise.resolve<Sought>('unknown');
    const outcome = sought.then((found) =>
      typeof found === 'object' ? kept(found) : this.#loadApart(id, load, rules),
    );
    return outcome.then(rules.deliver);
  }

  async #loadApart(id: string, load: Loader, rules: CallRules): Promise<Outcome> {
    const { events, keys } = this.parts;
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
    return this.ways.keeper.lend(id, await this.ways.loading.run(id, load, { rules }), rules);
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

  #join(id: string, flight: CacheFlight, rules: CallRules): Promise<unknown> {
    const { events, keys } = this.parts;
    if (events.wants('joined')) events.emit({ type: 'joined', key: keys.full(id) });
    return this.#crowd.join(flight, rules);
  }

  /** What the layers below memory have. */
  find(id: string, rules: CallRules): Promise<Sought> {
    return this.#seek(id, (sought) => sought, rules);
  }

  /** Not `async`, and one promise with what follows: this is the way of every hit in a layer below. */
  #seek<T>(id: string, go: (sought: Sought) => T | Promise<T>, { level }: CallRules): Promise<T> {
    const { store, recovery } = this.parts;
    if (recovery.owes(id)) return Promise.resolve<Sought>('unknown').then(go);
    const found = store.find(id);
    return (level === 'relaxed' ? this.#brief(id, found) : found).then(
      (known) => go(this.#found(id, known)),
      (error: unknown) => go(this.#failed(id, error)),
    );
  }

  #brief<T>(id: string, asked: Promise<T>): Promise<T> {
    const { clock, keys } = this.parts;
    const late = (): CacheTimeoutError => {
      const key = keys.full(id);
      const message = `'${key}': Redis did not answer within ${SOON_MS} ms, the most that level 'relaxed' waits.`;
      return new CacheTimeoutError(message, { key, layer: 'shared' });
    };
    return inTime(asked, { clock, ms: SOON_MS, late });
  }

  #obtain(id: string, load: Loader, flight: CacheFlight): Promise<Outcome> {
    const since = this.parts.notices.position();
    const began = this.parts.clock.coarse();
    const go = (sought: Sought): Outcome | Promise<Outcome> => {
      if (typeof sought === 'string') {
        const unfound = { flight, since, isKnown: sought === 'nothing', began };
        return this.#landing(id, flight, this.#unfound(id, load, unfound));
      }
      this.parts.flights.land(id, flight);
      const { samples } = this.ways;
      if (--samples.left === 0) samples.take(id, { load, rules: flight.rules, entry: sought });
      return { kind: 'kept', kept: sought };
    };
    return this.#seek<Outcome>(id, go, flight.rules);
  }

  /** Loads, where processes share entries in its turn. Under `relaxed` no turn is waited for. */
  #unfound(id: string, load: Loader, unfound: Miss & { readonly began: number }): Promise<Outcome> {
    const { flight, isKnown, began } = unfound;
    const turns = isKnown ? this.ways.turns : undefined;
    if (turns === undefined) return this.#miss(id, load, unfound);
    flight.under = 'turn';
    const { level, loadTimeout } = flight.rules;
    const patience =
      level === 'relaxed' ? { limit: SOON_MS, began: began - ANSWER_MS + SOON_MS } : { limit: loadTimeout, began };
    return turns.next(id, patience).then((turn) => this.#take(id, load, { flight, turn }));
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

  #leased(id: string, load: Loader, miss: Miss & { readonly lease: Lease }): Promise<Outcome> {
    const { lease, flight } = miss;
    return underLease(this.parts.fleet as FleetParts, lease, {
      load: () => this.#miss(id, load, miss),
      isFilling: () => flight.filling !== undefined,
    });
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
    const loaded = await this.ways.loading.run(id, load, flight);
    const computeMs = clock.now() - started;
    const about = { rules, since, computeMs, assigned, lease };
    const filling = (done: Promise<void>) => {
      flight.filling = done;
    };
    // What happened to the key so long ago is remembered nowhere any more.
    const isFenced = lease !== undefined || computeMs < TOMBSTONE_MS || this.parts.store.below.length === 0;
    const outcome =
      isKnown && isFenced
        ? this.ways.keeper.keep(id, loaded, { ...about, filling })
        : this.ways.keeper.pass(id, loaded, rules);
    this.#crowd.learn(outcome, rules);
    return outcome;
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
