import { randomBytes } from 'node:crypto';
import { LockNotReplicatedError } from '../../../core/errors.js';
import type { Unsubscribe } from '../../../core/events/event-hub.js';
import type { Extension, HeldLock, LockAnswer, LockClaim, LockEngine } from '../../../core/locks/lock-engine.js';
import type { Coordination, KeyedCall } from '../coordination/coordination.js';
import { CONFIRM_MS, ConfirmedCalls, type Confirmed } from './confirmed-calls.js';
import { checkEviction } from './eviction-check.js';
import { lockKey, lockKeyRoot, wakeChannel } from './lock-key.js';
import { Replicas } from './replicas.js';
import { CLAIM } from './scripts/claim.script.js';
import { EXTEND } from './scripts/extend.script.js';
import { LEAVE } from './scripts/leave.script.js';
import { RELEASE } from './scripts/release.script.js';
import { WakeCalls } from './wake-calls.js';

export interface RedisLockOptions {
  /** Replicas that have to confirm a replicated lock. Default: all that its server has when it is first asked. */
  readonly replicas?: number | undefined;
}

/** Locks in Redis: one key a name, every decision by the server's time. */
export class RedisLockEngine implements LockEngine {
  readonly #process = randomBytes(8).toString('hex');
  readonly #confirmed: ConfirmedCalls;
  readonly #replicas: Replicas;
  readonly #wakes: WakeCalls;
  /** The server is known to evict no lock. */
  #isKept = false;
  /** So many characters of a key stand before the name. */
  readonly #root: number;

  constructor(
    private readonly redis: Coordination,
    { replicas }: RedisLockOptions = {},
  ) {
    this.#confirmed = new ConfirmedCalls(redis);
    this.#replicas = new Replicas(redis, replicas);
    this.#wakes = new WakeCalls(redis.subscriber, wakeChannel(redis.service, this.#process));
    this.#root = lockKeyRoot(redis.service).length;
  }

  async claim(claim: LockClaim): Promise<LockAnswer> {
    const { name, owner, ttl, tokens, above, queue } = claim;
    const key = lockKey(this.redis.service, name);
    if (!this.#isKept) await this.#checkKept();
    const needed = claim.durability === 'local' ? 0 : await this.#replicas.of(key);
    if (needed === 0 && claim.durability === 'replicated' && claim.whenUndurable === 'refuse') throw noReplicas(name);
    this.#wakes.start();
    const args = [owner, this.#process, ttl, tokens, String(above), queue ? 1 : 0];
    // Before it is sent: the turn may come before the answer does.
    if (queue) this.#wakes.expect(key.slice(this.#root), name);
    const sentAt = this.redis.clock.now();
    const { said, replicas } = await this.#ask({ script: CLAIM, key, args }, needed);
    const [first, freeIn] = said;
    if (first === null) {
      return { kind: 'busy', freeIn: Number(freeIn) };
    }
    this.#wakes.forget(key.slice(this.#root));
    const durability = needed > 0 && replicas >= needed ? 'replicated' : 'local';
    if (replicas < needed && claim.whenUndurable === 'refuse') {
      void this.release({ name, owner, ttl, durability }, 0n).catch(() => undefined);
      throw tooFew(name, replicas, needed);
    }
    const token = BigInt(String(said[0]));
    return { kind: 'granted', token, last: token + BigInt(tokens - 1), durability, sentAt };
  }

  async extend({ name, owner, ttl, durability }: HeldLock): Promise<Extension | undefined> {
    const key = lockKey(this.redis.service, name);
    const needed = durability === 'local' ? 0 : await this.#replicas.of(key);
    const sentAt = this.redis.clock.now();
    const { said, replicas } = await this.#ask({ script: EXTEND, key, args: [owner, ttl] }, needed);
    const [isHeld, isWaitedFor] = said;
    if (isHeld !== 1) return undefined;
    if (replicas < needed) throw tooFew(name, replicas, needed);
    return { sentAt, isWaitedFor: isWaitedFor === 1 };
  }

  async release({ name, owner }: HeldLock, used: bigint): Promise<void> {
    await this.redis.run({ script: RELEASE, key: lockKey(this.redis.service, name), args: [owner, String(used)] });
  }

  async leave(name: string, owner: string): Promise<void> {
    const key = lockKey(this.redis.service, name);
    this.#wakes.forget(key.slice(this.#root));
    await this.redis.run({ script: LEAVE, key, args: [owner] });
  }

  onFree(listener: (name: string) => void): Unsubscribe {
    return this.#wakes.add(listener);
  }

  close(): void {
    this.#wakes.close();
  }

  async #checkKept(): Promise<void> {
    await checkEviction(this.redis);
    this.#isKept = true;
  }

  async #ask(call: KeyedCall, needed: number): Promise<Confirmed> {
    if (needed > 0) return this.#confirmed.run(call, needed);
    return { said: await this.redis.run(call), replicas: 0 };
  }
}

function noReplicas(name: string): LockNotReplicatedError {
  return new LockNotReplicatedError(
    `The lock '${name}' is to be replicated, but its server has no replicas. Ask for durability 'local', or give it one.`,
    { key: name },
  );
}

function tooFew(name: string, replicas: number, needed: number): LockNotReplicatedError {
  return new LockNotReplicatedError(
    `The lock '${name}' was confirmed by ${replicas} of ${needed} replicas within ${CONFIRM_MS} ms, and a failover could lose it. See whether they lag, or take it with whenUndurable: 'local'.`,
    { key: name },
  );
}
