/** The loads under way in this process, one a key. */
export class Flights<T> {
  readonly #open = new Map<string, Promise<T>>();

  /** The load to join. */
  find(key: string): Promise<T> | undefined {
    return this.#open.get(key);
  }

  /** Starts a load; it can be joined, even by itself, until it settles or is voided. */
  start(key: string, run: () => Promise<T>): Promise<T> {
    let begin: (outcome: Promise<T>) => void = () => undefined;
    const flight = new Promise<T>((resolve) => {
      begin = resolve;
    });
    this.#open.set(key, flight);
    const land = () => {
      if (this.#open.get(key) === flight) this.#open.delete(key);
    };
    flight.then(land, land);
    begin(run());
    return flight;
  }

  /** Later callers load anew; those already waiting get what they waited for. */
  void(key: string): void {
    this.#open.delete(key);
  }
}
