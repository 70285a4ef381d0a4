import type { Lease } from '../coherence/lease.js';
import { failedElsewhere } from './failed-elsewhere.js';
import type { ValueEntry } from '../entry/entry.js';
import { TOMBSTONE_MS } from '../layers/layer.js';
import { Crowd } from './crowd.js';
import type { Flight } from './flights.js';
import { joinable } from './joinable.js';
import type { ReadWays } from './read-ways.js';
import type { Loader } from './loading.js';
import type { Outcome } from './outcome.js';
import type { CacheParts, FleetParts } from './parts.js';
import type { CallRules } from './rules.js';
import { Tagging } from '../tags/tagging.js';
import { patienceOf } from './second-trip.js';
import { Seeking, type Sought } from './seeking.js';
import { SOON_MS } from './soon.js';
import type { StaleOffer } from './stale-offer.js';
import { allowsStale, StaleReads } from './stale-reads.js';
import type { Turn } from './turns.js';
import { underLease } from './under-lease.js';

/** Answers from the nearest layer, else from the loader, which runs once however many ask. */
export class ReadThrough {
  readonly #crowd = new Crowd();
  readonly #stale: StaleReads;
  readonly #seeking: Seeking;

  constructor(
    private readonly parts: CacheParts,
    private readonly ways: ReadWays,
  ) {
    this.#stale = new StaleReads(parts, ways.refreshes);
    this.#seeking = new Seeking(parts);
  }

  /** The way after memory had nothing fresh. */
  read(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const flight = joinable(this.parts, id);
    if (flight !== undefined && this.parts.scope.isWithin(flight)) return this.ways.loading.cycle(id, load, rules);
    if (allowsStale(rules)) return this.#readStale(id, load, { rules, flight });
    // What may end with a stale value is joined by those alone who allow it.
    if (flight !== undefined && flight.stale === undefined) return this.#joined(id, load, { flight, rules });
    return this.#begin(id, load, { rules }).outcome.then(rules.deliver);
  }

  #readStale(id: string, load: Loader, { rules, flight }: { rules: CallRules; flight: CacheFlight | undefined }) {
    const joined = flight?.stale === undefined ? undefined : flight;
    if (joined !== undefined) {
      load.waits?.();
      joined.joined += 1;
      this.#toldOfJoin(id, joined);
    }
    const begin = (stale: StaleOffer): CacheFlight => this.#begin(id, load, { rules, stale });
    return this.#stale.read(id, { rules, flight: joined, begin });
  }

  #begin(id: string, load: Loader, { rules, stale }: { rules: CallRules; stale?: StaleOffer }): CacheFlight {
    const { flights, store, notices } = this.parts;
    if (store.below.length > 0 && rules.skips?.shared !== true) {
      return flights.open(id, rules, (own) => {
        own.stale = stale;
        return this.#obtain(id, load, own);
      });
    }
    return flights.start(id, rules, (own) => {
      own.stale = stale;
      const miss = { flight: own, since: notices.position(), isKnown: true };
      return this.#orStale(id, own, () => this.#miss(id, load, miss));
    });
  }

  /** What the layers below memory have. */
  find(id: string, rules: CallRules): Promise<Sought> {
    return this.#seeking.find(id, rules);
  }

  /**
   * Loads what is still fresh anew, in the background: in a fleet under a lease, and not where somebody else does. Those who
   * find nothing fresh meanwhile can join.
   */
  async refresh(id: string, load: Loader, { rules, known }: EarlyRefresh): Promise<void> {
    const { flights, notices } = this.parts;
    const own = { ...rules, standing: false };
    const turns = rules.skips?.shared === true ? undefined : this.ways.turns;
    const since = notices.position();
    const turn = turns && (await turns.early(id, known.version.assigned, rules));
    if (turns !== undefined && turn === undefined) return;
    if (turn !== undefined && flights.find(id) !== undefined) {
      await (this.parts.fleet as FleetParts).fence.yield(turn.lease, 'unfilled');
      return;
    }
    const begun = flights.start(id, own, (flight) => {
      flight.known = known;
      const miss = { flight, since: turn?.since ?? since, isKnown: true };
      if (turn === undefined) return this.#miss(id, load, miss);
      flight.under = turn.lease;
      return this.#leased(id, load, { ...miss, lease: turn.lease });
    });
    await begun.outcome;
  }

  #orStale(id: string, flight: CacheFlight, load: () => Promise<Outcome>): Promise<Outcome> {
    return flight.stale === undefined ? load() : this.#stale.around(id, flight, load);
  }

  /**
   * The way of the code of a database transaction. What it loads may be as old as the transaction, or never come true: no
   * layer keeps it, and nobody else is given it. It waits for nobody's load, which may wait for what the transaction holds.
   */
  readApart(id: string, load: Loader, { rules, asksLayers }: ApartRead): Promise<unknown> {
    if (this.parts.scope.isLoading(this.parts.keys.full(id))) return this.ways.loading.cycle(id, load, rules);
    const sought = asksLayers ? this.#seeking.find(id, rules) : Promise.resolve<Sought>('unknown');
    const outcome = sought.then((found) =>
      typeof found === 'object' ? kept(found) : this.#loadApart(id, load, rules),
    );
    return outcome.then(rules.deliver);
  }

  async #loadApart(id: string, load: Loader, rules: CallRules): Promise<Outcome> {
    const { events, keys, counts } = this.parts;
    counts.missed(id);
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
    const { value } = await this.ways.loading.run(id, load, { rules });
    return this.ways.keeper.lend(id, value, rules);
  }

  /** The load of a key, as written, that a call without options can join: the short way into a stampede. */
  joinStanding(key: string): Promise<unknown> | undefined {
    const flight = joinable(this.parts, key);
    if (flight?.rules.standing !== true || flight.stale !== undefined || this.parts.scope.isWithin(flight))
      return undefined;
    if (this.parts.transactions?.current() !== undefined) return undefined;
    return this.#join(key, flight, flight.rules);
  }

  /** The value of a load that is done while layers still take it: until then only its flight has it. */
  joinLanding(id: string, rules: CallRules): Promise<unknown> | undefined {
    const flight = joinable(this.parts, id);
    return flight?.filling === undefined ? undefined : this.#join(id, flight, rules);
  }

  #joined(id: string, load: Loader, { flight, rules }: { flight: CacheFlight; rules: CallRules }): Promise<unknown> {
    load.waits?.();
    return this.#join(id, flight, rules);
  }

  #join(id: string, flight: CacheFlight, rules: CallRules): Promise<unknown> {
    this.#toldOfJoin(id, flight);
    return this.#crowd.join(flight, rules);
  }

  #toldOfJoin(id: string, flight: CacheFlight): void {
    const { events, keys, counts } = this.parts;
    counts.joined(id, flight);
    if (events.wants('joined')) events.emit({ type: 'joined', key: keys.full(id) });
  }

  #obtain(id: string, load: Loader, flight: CacheFlight): Promise<Outcome> {
    const since = this.parts.notices.position();
    const began = this.parts.clock.coarse();
    let stale: ValueEntry | undefined;
    const go = (sought: Sought): Outcome | Promise<Outcome> => {
      if (typeof sought === 'string') {
        if (sought === 'nothing') this.#stale.found(flight, stale);
        const unfound = { flight, since, isKnown: sought === 'nothing', began };
        const loading = this.#orStale(id, flight, () => this.#unfound(id, load, unfound));
        return this.#landing(id, flight, loading);
      }
      this.parts.flights.land(id, flight);
      this.parts.counts.together(id, flight);
      const { samples } = this.ways;
      if (--samples.left === 0) samples.take(id, { load, rules: flight.rules, entry: sought });
      return { kind: 'kept', kept: sought };
    };
    const { level, localTtl, early } = flight.rules;
    if (flight.stale === undefined) return this.#seeking.seek<Outcome>(id, go, { level, localTtl, early });
    return this.#seeking.seek<Outcome>(id, go, { level, localTtl, early, stale: (entry) => (stale = entry) });
  }

  /** Loads, where processes share entries in its turn. Under `relaxed` no turn is waited for. */
  #unfound(id: string, load: Loader, unfound: Miss & { readonly began: number }): Promise<Outcome> {
    const { flight, isKnown, began } = unfound;
    const turns = isKnown ? this.ways.turns : undefined;
    if (turns === undefined) return this.#miss(id, load, unfound);
    flight.under = 'turn';
    const { level, loadTimeout } = flight.rules;
    // Under `relaxed` the rest of its time is over for Redis already.
    const ahead = Math.max(0, patienceOf(this.parts) - SOON_MS);
    const patience = level === 'relaxed' ? { limit: SOON_MS, began: began - ahead } : { limit: loadTimeout, began };
    return turns
      .next(id, { ...patience, rules: flight.rules, waits: load.waits })
      .then((turn) => this.#take(id, load, { flight, turn }));
  }

  /** What the turn says that this process does about the key. */
  #take(id: string, load: Loader, { flight, turn }: { flight: CacheFlight; turn: Turn }): Promise<Outcome> | Outcome {
    const { events, keys, notices, counts } = this.parts;
    switch (turn.kind) {
      case 'found':
        counts.found(id, 'shared');
        counts.together(id, flight);
        if (events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: 'shared' });
        return { kind: 'kept', kept: turn.entry };
      case 'failed': {
        const stale = this.#stale.failedElsewhere(id, flight);
        if (stale !== undefined) return stale;
        if (turn.failure !== undefined && flight.stale?.entry === undefined)
          throw failedElsewhere(keys.full(id), turn.failure);
        return this.#take(id, load, { flight, turn: { kind: 'alone' } });
      }
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

  async #landing(id: string, flight: CacheFlight, outcome: Promise<Outcome>): Promise<Outcome> {
    try {
      return await outcome;
    } finally {
      this.parts.flights.land(id, flight);
    }
  }

  #toldOfMiss(id: string, flight: CacheFlight): void {
    const { events, keys, counts } = this.parts;
    counts.missed(id, flight);
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
  }

  async #miss(id: string, load: Loader, { flight, since, isKnown, lease }: Miss): Promise<Outcome> {
    const { rules } = flight;
    const { clock, versions, tags } = this.parts;
    // Of a value that is loaded anew early nobody missed anything, but those who join.
    if (flight.known !== undefined) flight.isMiss = true;
    else this.#toldOfMiss(id, flight);
    const ready = isKnown ? tags.ready(id) : undefined;
    if (ready instanceof Promise) await ready;
    const tagging = (flight.tagging = new Tagging(tags.generation(id)));
    // Taken before the load: whatever happens to the key from here on is newer, in every process.
    const assigned = lease?.assigned ?? (isKnown ? versions.next() : 0);
    const started = clock.now();
    const { value, wishes } = await this.ways.loading.run(id, load, flight);
    const computeMs = clock.now() - started;
    const about = { rules, since, computeMs, assigned, lease, wishes, tagging };
    const filling = (done: Promise<void>) => {
      flight.filling = done;
    };
    // What happened to the key so long ago is remembered nowhere any more.
    const isFenced = lease !== undefined || computeMs < TOMBSTONE_MS || this.parts.store.below.length === 0;
    const outcome =
      isKnown && isFenced
        ? this.ways.keeper.keep(id, value, { ...about, filling })
        : this.ways.keeper.pass(id, value, rules);
    this.#crowd.learn(outcome, rules);
    return outcome;
  }
}

type CacheFlight = Flight<Outcome, CallRules>;

interface EarlyRefresh {
  readonly rules: CallRules;
  /** What is fresh. */
  readonly known: ValueEntry;
}

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
