import type { Cancel, Clock } from '../shared/clock.js';
import { LEASE_MS, type Fence, type Lease } from './fence.js';

/** A lease is renewed when a third of its time is over. */
const RENEW_MS = LEASE_MS / 3;

/** Keeps the leases of loads under way alive, all together. */
export class LeaseRenewal {
  /** With the round in which they were taken: most loads are over before their first. */
  readonly #held = new Map<Lease, number>();
  #round = 0;
  #cancel: Cancel | undefined;

  constructor(
    private readonly fence: Pick<Fence, 'renew'>,
    private readonly clock: Clock,
  ) {}

  hold(lease: Lease): void {
    this.#held.set(lease, this.#round);
    this.#cancel ??= this.clock.after(RENEW_MS, () => this.#renew());
  }

  release(lease: Lease): void {
    this.#held.delete(lease);
  }

  #renew(): void {
    this.#cancel = this.#held.size === 0 ? undefined : this.clock.after(RENEW_MS, () => this.#renew());
    for (const [lease, since] of this.#held) if (since < this.#round) void this.#one(lease);
    this.#round += 1;
  }

  /** One that cannot be renewed now is tried again with the next round; what is void is not kept, as its fill will show. */
  async #one(lease: Lease): Promise<void> {
    const stands = await this.fence.renew(lease).catch(() => true);
    if (!stands) this.#held.delete(lease);
  }
}
