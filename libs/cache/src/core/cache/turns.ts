import type { Failure } from '../coherence/failure.js';
import type { Lease } from '../coherence/lease.js';
import type { ValueEntry } from '../entry/entry.js';
import type { Claim } from '../layers/fence.js';
import { hereBy } from './here-by.js';
import type { CacheParts, FleetParts } from './parts.js';
import type { CallRules } from './rules.js';
import { inTimeLeft, patienceOf } from './second-trip.js';

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
  /** Another one tried, and its loader failed; why, where it is known. */
  | { readonly kind: 'failed'; readonly failure?: Failure | undefined }
  | { readonly kind: 'alone' };

const ALONE: Turn = { kind: 'alone' };

/** How long it is waited for the word of another process before it is looked again, ms: Redis may have gone. */
const LOOK_MS = 400;

/** What Redis may have taken before without a limit of its own for what is asked next, ms. */
const SOON_MS = 20;

/** Not hearing the bus, so long at most until it is looked again whether the other process is done. Milliseconds. */
const DEAF_LOOK_MS = 100;

/** How long a caller waits for another process at most, ms, and when it began to ask Redis. */
export interface Patience {
  /** How memory keeps what another process gave; absent: by the key's own rules. */
  readonly rules?: Pick<CallRules, 'localTtl' | 'early'> | undefined;
  readonly limit: number;
  readonly began: number;
  /** Told when another process loads the key. */
  readonly waits?: (() => void) | undefined;
}

/** How long a call may take: until when it waits for others, and since when it waits for Redis. */
interface Limits extends Pick<Patience, 'rules'> {
  readonly until: number;
  readonly began: number;
  readonly waits?: (() => void) | undefined;
}

/** Where this process stood when it asked. */
interface Asked extends Limits {
  readonly since: number;
  readonly heard: number;
}

/** Has one process of the fleet load a key, while the others wait for what it gives. */
export class Turns {
  constructor(
    private readonly parts: CacheParts,
    private readonly fleet: Pick<FleetParts, 'fence' | 'waits'>,
  ) {}

  /** Waits at most `limit` ms for another process. Never rejects: without an answer everybody loads alone. */
  next(id: string, { rules, limit, began, waits }: Patience): Promise<Turn> {
    const now = this.parts.clock.now();
    return this.#ask(id, { rules, until: now + limit, began, waits }, now - began);
  }

  /**
   * A lease to load what is not over: nothing where somebody loads or writes the key, or has loaded it since. What that one
   * gave is kept here.
   * @param assigned the version of what is known here
   * @throws what the fence throws.
   */
  async early(id: string, assigned: number, rules: CallRules): Promise<Extract<Turn, { kind: 'lease' }> | undefined> {
    const { notices, store, tags } = this.parts;
    const since = notices.position();
    const claim = await this.fleet.fence.claim(id, Math.max(assigned, tags.overUpTo(id)));
    if (claim.kind === 'mine') return { kind: 'lease', lease: claim.lease, since };
    if (claim.kind !== 'found' || store.isReturned(id, claim.entry, since)) return undefined;
    if (await store.stands(id, claim.entry)) store.keepFound(id, hereBy(rules, claim.entry, this.parts.random), since);
    return undefined;
  }

  /** Not `async`, and one promise with the answer: this is the way of every miss. */
  #ask(id: string, limits: Limits, spent: number): Promise<Turn> {
    const since = this.parts.notices.position();
    const heard = this.fleet.waits.position();
    const claim = this.fleet.fence.claim(id, this.parts.tags.overUpTo(id));
    const inTime = spent > SOON_MS ? inTimeLeft({ id, trip: claim, spent }, this.parts) : claim;
    return inTime.then(
      (said) => this.#turn(id, said, { ...limits, since, heard }),
      (error: unknown) => this.#failed(id, claim, error),
    );
  }

  #turn(id: string, claim: Claim, asked: Asked): Turn | Promise<Turn> {
    switch (claim.kind) {
      case 'mine':
        return { kind: 'lease', lease: claim.lease, since: asked.since };
      case 'found':
        return this.#found(id, claim.entry, asked);
      case 'closed':
        return ALONE;
      case 'busy':
        return this.#wait(id, claim.freeIn, asked);
      default:
        return claim satisfies never;
    }
  }

  #found(id: string, entry: ValueEntry, asked: Asked): Turn | Promise<Turn> {
    const { store } = this.parts;
    if (store.isReturned(id, entry, asked.since)) return this.#revoke(id, asked);
    const go = (stands: boolean): Turn | Promise<Turn> => {
      if (!stands) return this.#over(id, entry, asked);
      store.keepFound(id, asked.rules ? hereBy(asked.rules, entry, this.parts.random) : entry, asked.since);
      return { kind: 'found', entry };
    };
    const stands = store.stands(id, entry);
    if (!(stands instanceof Promise)) return go(stands);
    const spent = this.parts.clock.now() - asked.began;
    const inTime = inTimeLeft({ id, trip: stands, spent }, this.parts);
    return inTime.then(go, (error: unknown) => this.#unanswered(id, error));
  }

  /** What its tags say is over is claimed all the same, where that is ours to say. */
  #over(id: string, { version }: ValueEntry, { rules, until, began }: Asked): Turn | Promise<Turn> {
    if (this.parts.tags.overUpTo(id) < version.assigned) return ALONE;
    return this.#ask(id, { rules, until, began }, this.parts.clock.now() - began);
  }

  /** What came back with another server goes, and the key is asked for anew. */
  async #revoke(id: string, { rules, until, began, waits }: Limits): Promise<Turn> {
    const { clock, remembered } = this.parts;
    const revoked = this.fleet.fence.revoke(id, remembered.versionOf(id));
    try {
      await inTimeLeft({ id, trip: revoked, spent: clock.now() - began }, this.parts);
    } catch (error) {
      return this.#unanswered(id, error);
    }
    return this.#ask(id, { rules, until, began, waits }, clock.now() - began);
  }

  async #wait(id: string, freeIn: number, { rules, since, heard, until, waits }: Asked): Promise<Turn> {
    waits?.();
    const { notices, clock } = this.parts;
    const began = clock.now();
    const left = until - began;
    if (left <= 0) return ALONE;
    if (!notices.admits(id, since)) return this.#ask(id, { rules, until, began }, 0);
    const look = notices.isDeaf ? DEAF_LOOK_MS : Math.min(freeIn + 1, LOOK_MS);
    const news = await this.fleet.waits.wait(id, { since: heard, ms: Math.min(left, look) });
    if (typeof news === 'object') return { kind: 'failed', failure: news };
    if (news === 'failed') return { kind: 'failed' };
    if (news === 'unfilled') return ALONE;
    // Since its last answer Redis may have gone.
    const spent = Math.min(look + SOON_MS, patienceOf(this.parts) / 2);
    return this.#ask(id, { rules, until, began: clock.now() - spent }, spent);
  }

  /** A lease that comes too late is given back. */
  #failed(id: string, claim: Promise<Claim>, error: unknown): Turn {
    claim
      .then(async (said) => {
        if (said.kind === 'mine') await this.fleet.fence.yield(said.lease, 'unfilled');
      })
      .catch(() => undefined);
    return this.#unanswered(id, error);
  }

  #unanswered(id: string, error: unknown): Turn {
    const { events, keys } = this.parts;
    events.emit({ type: 'layer-failed', key: keys.full(id), layer: 'shared', operation: 'read', error });
    return ALONE;
  }
}
