import type { ValueEntry } from '../entry/entry.js';
import type { RefreshPlace } from '../refresh/refreshes.js';
import type { Outcome } from './outcome.js';

/** The stale value that a load has beside it, for those who do not wait for its end or whom it fails. */
export class StaleOffer {
  /** What callers of one patience wait for, so that a thousand of them share one timer. */
  readonly early = new Map<number, Promise<Outcome>>();
  #entry: ValueEntry | undefined;
  #place: RefreshPlace | undefined;
  #since: number;
  readonly #told: (() => void)[] = [];

  /** @param since the position of the notices when the value was found: what is told of its key after that ends it */
  constructor(
    entry: ValueEntry | undefined,
    since: number,
    /** When the load began, ms. */
    readonly began: number,
  ) {
    this.#entry = entry;
    this.#since = since;
  }

  get entry(): ValueEntry | undefined {
    return this.#entry;
  }

  get since(): number {
    return this.#since;
  }

  /** Where the load goes on once they have been answered. */
  get place(): RefreshPlace | undefined {
    return this.#place;
  }

  /** What the layers below memory have; `undefined`: nothing of use. */
  put(entry: ValueEntry | undefined, since: number): void {
    this.#entry = entry;
    this.#since = since;
  }

  /** The load may go on in the background. */
  goesOnIn(place: RefreshPlace): void {
    this.#place = place;
    for (const tell of this.#told) tell();
  }

  /** Tells when it may. */
  whenPlaced(tell: () => void): void {
    this.#told.push(tell);
  }
}
