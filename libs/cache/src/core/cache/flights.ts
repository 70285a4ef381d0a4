import type { Lease } from '../coherence/lease.js';
import type { ValueEntry } from '../entry/entry.js';
import type { StaleOffer } from './stale-offer.js';
import type { Tagging } from '../tags/tagging.js';

/** A load under way, and those who wait for it. `R`: the rules of the caller who started it. */
export interface Flight<T, R> {
  readonly outcome: Promise<T>;
  readonly rules: R;
  /** How many joined the one who started it. */
  joined: number;
  /** Whether the key was not found: those who join share a load. */
  isMiss: boolean;
  /** How many of all these wait no more. */
  left: number;
  /** Nobody waits any more: the loader is not begun, or its signal aborts. */
  abandon(reason: unknown): void;
  /** Who is told that nobody waits: the run of the loader. `true`: it was told at once, because nobody waited already. */
  onAbandon(told: (reason: unknown) => void): boolean;
  /** Set while layers still take the value: until then only this flight has it. Never rejects. */
  filling: Promise<unknown> | undefined;
  /**
   * The lease it loads under. `turn`: it waits for one, and has asked for nothing yet that it would answer with.
   * `undefined`: it asks what there is, or loads without one.
   */
  under: Lease | 'turn' | undefined;
  /** The stale value beside it, where its callers may be given one. */
  stale: StaleOffer | undefined;
  /** The value that is still fresh while it is loaded anew. */
  known: ValueEntry | undefined;
  /** What was known of tags when the load began; `undefined`: it has not yet. */
  tagging: Tagging | undefined;
}

/**
 * The loads under way in this process, one a key. The Map holds numbers only: it grows a new table every few dozen keys,
 * V8's old table points at the new one, and once one of them is old to the collector all that any of them ever held
 * outlives every scavenge.
 */
export class Flights<T, R> {
  readonly #places = new Map<string, number>();
  #open: (Flight<T, R> | undefined)[] = [];
  #free: number[] = [];

  /** The load to join. */
  find(key: string): Flight<T, R> | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#open[place];
  }

  /** Starts a load; it can be joined, even by itself, until its value is filled, it failed or it is voided. */
  start(key: string, rules: R, run: (flight: Flight<T, R>) => Promise<T>): Flight<T, R> {
    const flight = new Underway<T, R>(rules);
    let begin: (outcome: Promise<T>) => void = () => undefined;
    flight.outcome = new Promise<T>((resolve) => {
      begin = resolve;
    });
    this.#take(key, flight);
    const land = () => this.land(key, flight);
    flight.outcome.then(land, land);
    begin(run(flight));
    return flight;
  }

  /** The same for a run that calls nobody before it has returned, and that lands by itself: it costs two promises less. */
  open(key: string, rules: R, run: (flight: Flight<T, R>) => Promise<T>): Flight<T, R> {
    const flight = new Underway<T, R>(rules);
    this.#take(key, flight);
    flight.outcome = run(flight);
    return flight;
  }

  /** A load has ended: once its value is filled, it cannot be joined any more. */
  land(key: string, flight: Flight<T, R>): void {
    if (flight.filling === undefined) this.#close(key, flight);
    else void flight.filling.then(() => this.#close(key, flight));
  }

  /** Later callers load anew; those already waiting get what they waited for. */
  void(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    this.#open[place] = undefined;
    this.#free.push(place);
  }

  /** The same for every key. */
  voidAll(): void {
    this.#places.clear();
    this.#open = [];
    this.#free = [];
  }

  #take(key: string, flight: Flight<T, R>): void {
    const place = this.#places.get(key) ?? this.#free.pop() ?? this.#open.length;
    this.#places.set(key, place);
    this.#open[place] = flight;
  }

  #close(key: string, flight: Flight<T, R>): void {
    if (this.find(key) === flight) this.void(key);
  }
}

class Underway<T, R> implements Flight<T, R> {
  joined = 0;
  isMiss = false;
  left = 0;
  #abandoned: { readonly reason: unknown } | undefined;
  #told: ((reason: unknown) => void) | undefined;
  filling: Promise<unknown> | undefined;
  under: Lease | 'turn' | undefined;
  stale: StaleOffer | undefined;
  known: ValueEntry | undefined;
  tagging: Tagging | undefined;
  declare outcome: Promise<T>;

  constructor(readonly rules: R) {}

  abandon(reason: unknown): void {
    this.#abandoned = { reason };
    this.#told?.(reason);
  }

  onAbandon(told: (reason: unknown) => void): boolean {
    this.#told = told;
    if (this.#abandoned === undefined) return false;
    told(this.#abandoned.reason);
    return true;
  }
}
