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
    let begin: (outcome: Promise<T>) => void = () => undefined;
    const outcome = new Promise<T>((resolve) => {
      begin = resolve;
    });
    const flight: Flight<T, R> = { outcome, rules, joined: 0, filling: undefined };
    this.#open.set(key, flight);
    const land = () => {
      if (this.#open.get(key) === flight) this.#open.delete(key);
    };
    const settled = () => void (flight.filling === undefined ? land() : flight.filling.then(land));
    outcome.then(settled, land);
    begin(run(flight));
    return flight;
  }

  /** Later callers load anew; those already waiting get what they waited for. */
  void(key: string): void {
    this.#open.delete(key);
  }
}
