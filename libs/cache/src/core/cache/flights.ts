/** A load under way, and those who wait for it. `R`: the rules of the caller who started it. */
export interface Flight<T, R> {
  readonly outcome: Promise<T>;
  readonly rules: R;
  /** How many joined the one who started it. */
  joined: number;
  /** Set while layers still take the value: until then only this flight has it. Never rejects. */
  filling: Promise<unknown> | undefined;
}

/** The loads under way in this process, one a key. */
export class Flights<T, R> {
  readonly #open = new Map<string, Flight<T, R>>();

  /** The load to join. */
  find(key: string): Flight<T, R> | undefined {
    return this.#open.get(key);
  }

  /** Starts a load; it can be joined, even by itself, until its value is filled, it failed or it is voided. */
  start(key: string, rules: R, run: (flight: Flight<T, R>) => Promise<T>): Flight<T, R> {
    const flight = new Underway<T, R>(rules);
    let begin: (outcome: Promise<T>) => void = () => undefined;
    flight.outcome = new Promise<T>((resolve) => {
      begin = resolve;
    });
    this.#open.set(key, flight);
    const land = () => this.land(key, flight);
    flight.outcome.then(land, land);
    begin(run(flight));
    return flight;
  }

  /** The same for a run that calls nobody before it has returned, and that lands by itself: it costs two promises less. */
  open(key: string, rules: R, run: (flight: Flight<T, R>) => Promise<T>): Flight<T, R> {
    const flight = new Underway<T, R>(rules);
    this.#open.set(key, flight);
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
    this.#open.delete(key);
  }

  /** The same for every key. */
  voidAll(): void {
    this.#open.clear();
  }

  #close(key: string, flight: Flight<T, R>): void {
    if (this.#open.get(key) === flight) this.#open.delete(key);
  }
}

class Underway<T, R> implements Flight<T, R> {
  joined = 0;
  filling: Promise<unknown> | undefined;
  declare outcome: Promise<T>;

  constructor(readonly rules: R) {}
}
