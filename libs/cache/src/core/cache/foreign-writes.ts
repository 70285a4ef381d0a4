import type { Lease, LeaseLook } from '../coherence/lease.js';
import type { CacheParts } from './parts.js';
import type { Flight } from './flights.js';
import type { Outcome } from './outcome.js';
import type { CallRules } from './rules.js';

export interface ForeignWritesParts extends Pick<CacheParts, 'keys' | 'notices' | 'flights'> {
  readonly hot: Pick<CacheParts['store']['hot'], 'doubt'>;
  readonly leases: LeaseLook;
}

type CacheFlight = Flight<Outcome, CallRules>;

/**
 * Keeps this process's memory in step with programs that know nothing of this library and change keys in the shared layer.
 * It is told that a key was touched there, not by whom: most often by one of our own commands, which come back as well.
 * By whom cannot be told from when, for somebody else's write right after ours must win. So a touched key is only put in
 * doubt: whoever reads it next looks at its header, and goes on as if nothing had been if that is the one we know.
 *
 * A load under a lease is the other thing that our own commands touch; there the lease is looked at. One that waits for
 * its turn answers with what is read after this moment, so it needs nothing.
 */
export class ForeignWrites {
  /** Flights whose lease is being looked at; `true`: touched again meanwhile. */
  readonly #looks = new Map<CacheFlight, boolean>();

  constructor(private readonly parts: ForeignWritesParts) {}

  /** @param key the full key; one that is not ours is nothing to us */
  touched(key: string): void {
    const { notices, hot, flights } = this.parts;
    const id = this.#idOf(key);
    if (id === undefined) return;
    notices.suspect(id);
    hot.doubt(id);
    const flight = flights.find(id);
    if (flight === undefined || flight.under === 'turn') return;
    if (flight.under === undefined) flights.void(id);
    else if (this.#looks.has(flight)) this.#looks.set(flight, true);
    else void this.#look(id, flight, flight.under);
  }

  /** Later callers do not join a load whose lease is void: what it read may be outdated. */
  async #look(id: string, flight: CacheFlight, lease: Lease): Promise<void> {
    const { flights, leases } = this.parts;
    let stands: boolean;
    do {
      this.#looks.set(flight, false);
      stands = await leases.stands(lease).catch(() => false);
    } while (stands && this.#looks.get(flight) === true);
    this.#looks.delete(flight);
    if (!stands && flights.find(id) === flight) flights.void(id);
  }

  #idOf(key: string): string | undefined {
    try {
      return this.parts.keys.normalize(key);
    } catch {
      return undefined;
    }
  }
}
