import type { Unsubscribe } from '../../../core/events/event-hub.js';
import type {
  Extension,
  HeldLock,
  JointAnswer,
  LockAnswer,
  LockClaim,
  LockEngine,
} from '../../../core/locks/lock-engine.js';
import type { Clock } from '../../../core/shared/clock.js';
import { LockState } from './lock-state.js';

type Listener = (name: string) => void;

/** Locks of one process: the reference for what every other place does. `replicated` is beyond it, and not said of it. */
export class MemoryLockEngine implements LockEngine {
  readonly #states = new Map<string, LockState>();
  readonly #listeners = new Set<Listener>();
  /** Of all names together, so that it is one number: no name's token falls. */
  #highest = 0n;

  constructor(private readonly clock: Clock) {}

  async claim(claim: LockClaim): Promise<LockAnswer> {
    return this.#claim(claim);
  }

  async claimAll(claims: readonly LockClaim[]): Promise<JointAnswer> {
    const now = this.clock.now();
    const busy = claims.filter(({ name, owner }) => (this.#states.get(name)?.freeIn(owner, now) ?? 0) > 0);
    if (busy.length > 0) return { kind: 'busy', names: busy.map(({ name }) => name) };
    const answers = claims.map((claim) => this.#claim(claim));
    return { kind: 'granted', grants: answers.filter((answer) => answer.kind === 'granted') };
  }

  #claim({ name, owner, ttl, tokens, above, queue }: LockClaim): LockAnswer {
    const sentAt = this.clock.now();
    const state = this.#states.get(name) ?? new LockState(() => this.#tell(name));
    this.#states.set(name, state);
    const freeIn = state.claim(owner, { ttl, queue, now: sentAt });
    this.#forget(name, state);
    if (freeIn > 0) return { kind: 'busy', freeIn };
    const token = highest(this.#highest + 1n, above + 1n, BigInt(Math.floor(sentAt * 1_000)));
    const last = token + BigInt(tokens) - 1n;
    this.#highest = last;
    state.last = last;
    return { kind: 'granted', token, last, durability: 'local', sentAt };
  }

  async extend({ name, owner, ttl }: HeldLock): Promise<Extension | undefined> {
    const sentAt = this.clock.now();
    const state = this.#states.get(name);
    if (state?.extend(owner, ttl, sentAt) !== true) return undefined;
    return { sentAt, isWaitedFor: state.isWaitedFor(sentAt) };
  }

  async release({ name, owner }: HeldLock, used: bigint): Promise<void> {
    const state = this.#states.get(name);
    if (state?.release(owner, this.clock.now()) !== true) return;
    // Nobody has taken tokens since: the rest of these are free.
    if (used > 0n && state.last === this.#highest) this.#highest = used;
    this.#forget(name, state);
  }

  async leave(name: string, owner: string): Promise<void> {
    const state = this.#states.get(name);
    if (state === undefined) return;
    state.leave(owner, this.clock.now());
    this.#forget(name, state);
  }

  onFree(listener: Listener): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#states.clear();
    this.#listeners.clear();
  }

  #tell(name: string): void {
    // Later, as a message would come.
    for (const listener of this.#listeners) queueMicrotask(() => listener(name));
  }

  #forget(name: string, state: LockState): void {
    if (state.isIdle(this.clock.now())) this.#states.delete(name);
  }
}

function highest(...tokens: readonly bigint[]): bigint {
  return tokens.reduce((high, token) => (token > high ? token : high));
}
