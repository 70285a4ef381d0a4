import { isStale, type ValueEntry } from '../entry/entry.js';
import { Refreshes } from '../refresh/refreshes.js';
import type { StaleReason } from '../events/cache-event.js';
import { FailedLoads } from './failed-loads.js';
import type { Flight } from './flights.js';
import type { Outcome } from './outcome.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';
import { StaleOffer } from './stale-offer.js';

type CacheFlight = Flight<Outcome, CallRules>;

/** A read whose caller may be given what is no longer fresh. */
export interface StaleRead {
  readonly rules: CallRules;
  /** The load under way that it can join. */
  readonly flight: CacheFlight | undefined;
  /** Begins one. */
  readonly begin: (offer: StaleOffer) => CacheFlight;
}

/** Whether these callers may ever be given a stale value. */
export function allowsStale({ stale, level }: CallRules): boolean {
  return stale.lasts > 0 && level !== 'strict';
}

/**
 * Serves what is no longer fresh where that is allowed: when the loader fails, within a throttle after that, and once the
 * soft timeout is over, while the load goes on in the background. A value that was deleted or written since it was found
 * is not served, whatever happened to the load.
 */
export class StaleReads {
  readonly #failed: FailedLoads;

  constructor(
    private readonly parts: CacheParts,
    private readonly refreshes: Refreshes,
  ) {
    this.#failed = new FailedLoads(parts.clock);
  }

  read(id: string, { rules, flight, begin }: StaleRead): Promise<unknown> {
    const answer = flight === undefined ? this.#begun(id, rules, begin) : this.#answer(id, flight, rules);
    return answer.then((outcome) => {
      if (outcome.kind === 'kept' && outcome.stale !== undefined) this.#told(id, outcome.stale);
      return rules.deliver(outcome);
    });
  }

  /** What the layers below memory hold: their word counts more than the copy in memory, where they answer. */
  found(flight: CacheFlight, entry: ValueEntry | undefined): void {
    const { stale } = flight;
    if (stale === undefined) return;
    const isOfUse = entry !== undefined && this.#isOfUse(entry, flight.rules);
    stale.put(isOfUse ? entry : undefined, this.parts.notices.position());
  }

  /**
   * What the callers of a load get that failed in another process. Nobody here has seen the error, so that nothing is
   * masked where some errors may not be: `undefined`.
   */
  failedElsewhere(id: string, flight: CacheFlight): Outcome | undefined {
    const { stale: offer, rules } = flight;
    const { onError, unless, throttle } = rules.stale;
    const kept = offer === undefined || !onError || unless !== undefined ? undefined : this.#servable(id, offer);
    if (kept === undefined) return undefined;
    this.#failed.note(id, throttle);
    this.parts.counts.missed(id, flight);
    return { kind: 'kept', kept, stale: 'failed' };
  }

  /** Loads, unless a stale value is at hand and the key is better let alone; answers a failure with that value. */
  async around(id: string, flight: CacheFlight, load: () => Promise<Outcome> | Outcome): Promise<Outcome> {
    const { stale: offer, rules } = flight;
    if (offer === undefined) return load();
    const instead = this.#instead(id, offer, { rules, flight });
    if (instead !== undefined) return instead;
    let failure: unknown;
    try {
      const outcome = await load();
      this.#failed.forget(id);
      return outcome;
    } catch (error) {
      failure = error;
      const entry = this.#servable(id, offer);
      // One that was ended because nobody waited any more says nothing of its source.
      const isAbandoned = flight.left > flight.joined;
      if (entry === undefined || isAbandoned || !isMasked(error, rules)) throw error;
      this.#failed.note(id, rules.stale.throttle);
      return { kind: 'kept', kept: entry, stale: 'failed' };
    } finally {
      offer.place?.end(failure);
    }
  }

  /** Takes a place for the load where its callers may be answered before it ends. */
  #instead(id: string, offer: StaleOffer, { rules: { stale }, flight }: Instead): Outcome | undefined {
    const kept = this.#servable(id, offer);
    if (kept === undefined) return undefined;
    const isThrottled = this.#failed.has(id);
    if (!isThrottled && (stale.soft === Number.POSITIVE_INFINITY || this.#takePlace(id, offer))) return undefined;
    this.parts.counts.missed(id, flight);
    return { kind: 'kept', kept, stale: isThrottled ? 'throttled' : 'busy' };
  }

  #takePlace(id: string, offer: StaleOffer): boolean {
    if (offer.place !== undefined) return true;
    const place = this.refreshes.place(id);
    if (place === undefined) return false;
    offer.goesOnIn(place);
    return true;
  }

  #begun(id: string, rules: CallRules, begin: StaleRead['begin']): Promise<Outcome> {
    const offer = new StaleOffer(this.#here(id, rules), this.parts.notices.position(), this.parts.clock.now());
    const instead = this.#instead(id, offer, { rules });
    if (instead !== undefined) return Promise.resolve(instead);
    const flight = begin(offer);
    const end = (): void => offer.place?.end();
    // It may have been over before anything was loaded.
    flight.outcome.then(end, end);
    return this.#answer(id, flight, rules);
  }

  /** What memory has: in a fleet only what grew old by itself, because a writer who made it stale may be done meanwhile. */
  #here(id: string, rules: CallRules): ValueEntry | undefined {
    const { store, intents, recovery, fleet } = this.parts;
    if (intents.isOpen(id) || recovery.owes(id)) return undefined;
    const entry = store.hot.stale(id);
    if (entry === undefined || (fleet !== undefined && entry.freshUntil === 0)) return undefined;
    return this.#isOfUse(entry, rules) ? entry : undefined;
  }

  /** A reader may allow less than whoever kept the value. */
  #isOfUse(entry: ValueEntry, { stale }: CallRules): boolean {
    const now = this.parts.dates.now();
    return isStale(entry, now) && (entry.freshUntil === 0 || now < entry.freshUntil + stale.lasts);
  }

  #servable(id: string, { entry, since }: StaleOffer): ValueEntry | undefined {
    const { notices, intents, recovery, dates, tags } = this.parts;
    if (entry === undefined || dates.now() >= entry.staleUntil || !tags.allowsStale(id, entry)) return undefined;
    return notices.admits(id, since) && !intents.isOpen(id) && !recovery.owes(id) ? entry : undefined;
  }

  #answer(id: string, flight: CacheFlight, { stale }: CallRules): Promise<Outcome> {
    const { stale: offer } = flight;
    if (offer === undefined || stale.soft === Number.POSITIVE_INFINITY) return flight.outcome;
    const known = offer.early.get(stale.soft);
    if (known !== undefined) return known;
    const early = this.#early(id, flight, { offer, soft: stale.soft });
    offer.early.set(stale.soft, early);
    return early;
  }

  /** The outcome, or the stale value once the soft timeout is over and there is one. */
  #early(id: string, { outcome }: CacheFlight, { offer, soft }: Patience): Promise<Outcome> {
    const { clock } = this.parts;
    return new Promise((resolve, reject) => {
      let isDue = false;
      const serve = (): void => {
        const kept = isDue ? this.#servable(id, offer) : undefined;
        if (kept === undefined || offer.place === undefined) return;
        offer.place.goOn('stale');
        resolve({ kind: 'kept', kept, stale: 'refreshing' });
      };
      const due = (): void => {
        isDue = true;
        serve();
      };
      const left = offer.began + soft - clock.now();
      const cancel = left > 0 ? clock.after(left, due) : due();
      offer.whenPlaced(serve);
      const ended =
        <V>(settle: (value: V) => void) =>
        (value: V) => {
          cancel?.();
          settle(value);
        };
      outcome.then(ended(resolve), ended(reject));
    });
  }

  #told(id: string, reason: StaleReason): void {
    const { events, keys, counts } = this.parts;
    counts.of(id).staleServed += 1;
    if (events.wants('stale-served')) events.emit({ type: 'stale-served', key: keys.full(id), reason });
  }
}

/** For whom something stale may be served instead of a load. */
interface Instead {
  readonly rules: CallRules;
  readonly flight?: CacheFlight;
}

interface Patience {
  readonly offer: StaleOffer;
  readonly soft: number;
}

/** Whether a stale value may be served instead of this error. A predicate that throws masks nothing. */
function isMasked(error: unknown, { stale }: CallRules): boolean {
  if (!stale.onError) return false;
  try {
    return stale.unless?.(error) !== true;
  } catch {
    return false;
  }
}
