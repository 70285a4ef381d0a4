import type { Clock } from '../shared/clock.js';
import { LEASE_MS, type Lease } from './lease.js';

/** A lease is renewed when a third of its time is over. */
const RENEW_MS = LEASE_MS / 3;

/** Gives a lease its full time again. `false`: it is void. */
export interface Renewer {
  renew(lease: Lease): Promise<boolean>;
}

/** Keeps the leases of loads under way alive, all together. */
export class LeaseRenewal {
  /** With the round in which they were taken: most loads are over before their first. */
  readonly #held = new Map<Lease, number>();
  #round = 0;
  #isRunning = false;

  constructor(
    private readonly fence: Renewer,
    private readonly clock: Clock,
  ) {}

  hold(lease: Lease): void {
    this.#held.set(lease, this.#round);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#later();
  }

  release(lease: Lease): void {
    this.#held.delete(lease);
  }

  #renew(): void {
    this.#isRunning = this.#held.size > 0;
    if (this.#isRunning) this.#later();
    for (const [lease, since] of this.#held) if (since < this.#round) void this.#one(lease);
    this.#round += 1;
  }

  #later(): void {
    this.clock.after(RENEW_MS, () => this.#renew());
  }

  /** One that cannot be renewed now is tried again with the next round; what is void is not kept, as its fill will show. */
  async #one(lease: Lease): Promise<void> {
    const stands = await this.fence.renew(lease).catch(() => true);
    if (!stands) this.#held.delete(lease);
  }
}
