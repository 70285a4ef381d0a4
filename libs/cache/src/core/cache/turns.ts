import type { Lease } from '../coherence/lease.js';
import type { ValueEntry } from '../entry/entry.js';
import type { CacheParts, FleetParts } from './parts.js';

/**
 * What a process does about a key that has no fresh value. `lease`: loads it, for the whole fleet. `found`: another one has.
 * `alone`: loads it for its own callers and keeps nothing.
 */
export type Turn =
  | {
      readonly kind: 'lease';
      readonly lease: Lease;
      /** The position of the notices when it was asked for. */
      readonly since: number;
    }
  | { readonly kind: 'found'; readonly entry: ValueEntry }
  | { readonly kind: 'alone' };

const ALONE: Turn = { kind: 'alone' };

/** Not hearing the bus, so long at most until it is looked again whether the other process is done. Milliseconds. */
const DEAF_LOOK_MS = 100;

/** Has one process of the fleet load a key, while the others wait for what it gives. */
export class Turns {
  constructor(
    private readonly parts: CacheParts,
    private readonly fleet: FleetParts,
  ) {}

  /** Waits at most `limit` ms for another process. Never rejects: without an answer everybody loads alone. */
  async next(id: string, limit: number): Promise<Turn> {
    const { clock } = this.parts;
    const until = clock.now() + limit;
    for (;;) {
      const turn = await this.#ask(id, until).catch((error: unknown) => this.#failed(id, error));
      if (turn !== undefined) return turn;
    }
  }

  /** Nothing where it is to be asked again. */
  async #ask(id: string, until: number): Promise<Turn | undefined> {
    const { notices, store, clock } = this.parts;
    const { fence, waits } = this.fleet;
    const since = notices.position();
    const heard = waits.position();
    const claim = await fence.claim(id);
    switch (claim.kind) {
      case 'mine':
        return { kind: 'lease', lease: claim.lease, since };
      case 'found':
        store.keepFound(id, claim.entry, since);
        return claim;
      case 'closed':
        return ALONE;
      case 'busy': {
        const left = until - clock.now();
        if (left <= 0) return ALONE;
        if (!notices.admits(id, since)) return undefined;
        const look = notices.isDeaf ? DEAF_LOOK_MS : claim.freeIn + 1;
        const news = await waits.wait(id, { since: heard, ms: Math.min(left, look) });
        return news === 'failed' || news === 'unfilled' ? ALONE : undefined;
      }
      default:
        return claim satisfies never;
    }
  }

  #failed(id: string, error: unknown): Turn {
    const { events, keys } = this.parts;
    events.emit({ type: 'layer-failed', key: keys.full(id), layer: 'shared', operation: 'read', error });
    return ALONE;
  }
}
