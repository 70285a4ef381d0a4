import type { PermitAnswer, PermitEngine, PermitRequest } from '../../../core/locks/permit-engine.js';
import type { Clock } from '../../../core/shared/clock.js';

interface Waiter {
  readonly owner: string;
  readonly weight: number;
  /** Its place, or its lease, ends then. */
  until: number;
}

interface Holder extends Waiter {
  readonly token: bigint;
}

/** What is known of a name that somebody holds or waits for. Both lists are in the order in which they came. */
interface State {
  capacity: number;
  holders: Holder[];
  queue: Waiter[];
}

/** Permits of one process. */
export class MemoryPermits implements PermitEngine {
  readonly #states = new Map<string, State>();
  readonly #heard = new Map<string, () => void>();
  #owners = 0;
  /** Of all names: so that a name may be forgotten when nobody holds it. */
  #lastToken = 0n;

  constructor(private readonly clock: Clock) {}

  newOwner(): string {
    this.#owners += 1;
    return String(this.#owners);
  }

  async acquire(request: PermitRequest): Promise<PermitAnswer> {
    const sentAt = this.clock.now();
    const state = this.#state(request.name);
    const answer = this.#answer(state, request, sentAt);
    this.#keep(request.name, state);
    return answer;
  }

  async renew(name: string, owner: string, ttl: number): Promise<number | undefined> {
    const sentAt = this.clock.now();
    const held = this.#state(name).holders.find((holder) => holder.owner === owner);
    if (held === undefined) return undefined;
    held.until = sentAt + ttl;
    return sentAt;
  }

  async release(name: string, owner: string): Promise<void> {
    const state = this.#state(name);
    const others = ({ owner: other }: Waiter) => other !== owner;
    state.holders = state.holders.filter(others);
    state.queue = state.queue.filter(others);
    let used = sum(state.holders);
    for (const waiter of state.queue) {
      used += waiter.weight;
      if (used > state.capacity) break;
      this.#heard.get(waiter.owner)?.();
    }
    this.#keep(name, state);
  }

  onOffer(owner: string, heard: () => void): () => void {
    this.#heard.set(owner, heard);
    return () => this.#heard.delete(owner);
  }

  close(): void {
    this.#heard.clear();
  }

  #answer(state: State, request: PermitRequest, sentAt: number): PermitAnswer {
    const { owner, capacity, ttl, place, weight } = request;
    state.capacity = capacity;
    const held = state.holders.find((holder) => holder.owner === owner);
    if (held !== undefined) {
      held.until = sentAt + ttl;
      return { granted: true, token: held.token, sentAt };
    }
    const rank = state.queue.findIndex((waiter) => waiter.owner === owner);
    const ahead = rank === -1 ? state.queue : state.queue.slice(0, rank);
    if (sum(state.holders) + sum(ahead) + weight <= capacity) {
      if (rank !== -1) state.queue.splice(rank, 1);
      const token = this.#nextToken(request.above);
      state.holders.push({ owner, weight, until: sentAt + ttl, token });
      return { granted: true, token, sentAt };
    }
    const first = Math.min(
      sentAt + ttl,
      ...state.holders.map(({ until }) => until),
      ...ahead.map(({ until }) => until),
    );
    if (place > 0 && rank === -1) state.queue.push({ owner, weight, until: sentAt + place });
    const waiter = state.queue[rank];
    if (waiter !== undefined && place > 0) waiter.until = sentAt + place;
    return { granted: false, retryIn: first - sentAt };
  }

  /** Those whose time is over are not in it. */
  #state(name: string): State {
    const now = this.clock.now();
    const state = this.#states.get(name) ?? { capacity: 0, holders: [], queue: [] };
    state.holders = state.holders.filter(({ until }) => until > now);
    state.queue = state.queue.filter(({ until }) => until > now);
    return state;
  }

  /** A name of which nothing is left is not kept. */
  #keep(name: string, state: State): void {
    if (state.holders.length + state.queue.length === 0) this.#states.delete(name);
    else this.#states.set(name, state);
  }

  #nextToken(above: bigint): bigint {
    const now = BigInt(Math.floor(this.clock.now() * 1_000));
    const last = this.#lastToken > above ? this.#lastToken : above;
    this.#lastToken = now > last ? now : last + 1n;
    return this.#lastToken;
  }
}

function sum(list: readonly Waiter[]): number {
  return list.reduce((total, { weight }) => total + weight, 0);
}
