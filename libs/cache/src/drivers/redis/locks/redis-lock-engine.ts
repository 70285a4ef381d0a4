import { randomBytes } from 'node:crypto';
import slotOf from 'cluster-key-slot';
import { LockNotReplicatedError } from '../../../core/errors.js';
import type { Unsubscribe } from '../../../core/events/event-hub.js';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import type {
  Extension,
  HeldLock,
  JointAnswer,
  LockAnswer,
  LockClaim,
  LockEngine,
  LockGrant,
} from '../../../core/locks/lock-engine.js';
import { CONFIRM_MS } from '../confirmed/asked.js';
import { ConfirmedCalls, type AllConfirmed, type Confirmed, type Together } from '../confirmed/confirmed-calls.js';
import { CONFIRMED_MS } from '../confirmed/confirmations.js';
import { Replicas } from '../confirmed/replicas.js';
import type { Coordination, KeyedCall } from '../coordination/coordination.js';
import { ours } from '../coordination/foreign-key.js';
import { within } from '../within.js';
import { EvictionCheck } from './eviction-check.js';
import { lockKey, lockKeyRoot, wakeChannel } from './lock-key.js';
import { CLAIM_ALL } from './scripts/claim-all.script.js';
import { CLAIM } from './scripts/claim.script.js';
import { EXTEND } from './scripts/extend.script.js';
import { LEAVE } from './scripts/leave.script.js';
import { RELEASE } from './scripts/release.script.js';
import { WakeCalls } from './wake-calls.js';

export interface RedisLockOptions {
  /** Replicas that have to confirm a replicated lock. Default: all that its server has, or had of late. */
  readonly replicas?: number | undefined;
}

/** Locks in Redis: one key a name, every decision by the server's time. */
export class RedisLockEngine implements LockEngine {
  readonly #process = randomBytes(8).toString('hex');
  readonly #confirmed: ConfirmedCalls;
  readonly #replicas: Replicas;
  readonly #eviction: EvictionCheck;
  readonly #wakes: WakeCalls;
  /** So many characters of a key stand before the name. */
  readonly #root: number;

  constructor(
    private readonly redis: Coordination,
    { replicas }: RedisLockOptions = {},
  ) {
    this.#confirmed = new ConfirmedCalls(redis);
    this.#replicas = new Replicas(redis, replicas);
    this.#eviction = new EvictionCheck(redis);
    this.#wakes = new WakeCalls(redis.subscriber, wakeChannel(redis.service, this.#process));
    this.#root = lockKeyRoot(redis.service).length;
  }

  async claim(claim: LockClaim): Promise<LockAnswer> {
    const key = lockKey(this.redis.service, claim.name);
    return this.#knowing(this.#neededFor(claim, key), (needed) => this.#claimed(claim, key, needed));
  }

  async #claimed(claim: LockClaim, key: string, needed: number): Promise<LockAnswer> {
    const { name, owner, ttl, tokens, above, queue } = claim;
    if (needed === 0 && isStrict(claim)) throw noReplicas(name);
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
    this.#checkConfirmed([claim], replicas, needed);
    const durability = needed > 0 && replicas >= needed ? 'replicated' : 'local';
    return grantOf(claim, first, { durability, sentAt });
  }

  async claimAll(claims: readonly LockClaim[]): Promise<JointAnswer> {
    const [claim, ...others] = claims;
    if (claim === undefined) return { kind: 'granted', grants: [] };
    if (others.length === 0) return alone(claim, await this.claim(claim));
    const [first, ...more] = claims.map((one) => this.#callOf(one));
    if (first === undefined || !(await this.#areTogether([first, ...more]))) return { kind: 'apart' };
    const known = this.#neededFor(claim, first.key);
    return this.#knowing(known, (needed) => this.#claimedAll(claims, [first, ...more], needed));
  }

  async #claimedAll(claims: readonly LockClaim[], calls: Together, needed: number): Promise<JointAnswer> {
    const strict = claims.find(isStrict);
    if (needed === 0 && strict !== undefined) throw noReplicas(strict.name);
    const sentAt = this.redis.clock.now();
    const { said, replicas } = await this.#askTogether(calls, needed);
    const busy = claims.filter((_one, at) => Number(said[at]?.[1]) > 0).map(({ name }) => name);
    if (busy.length > 0) return { kind: 'busy', names: busy };
    this.#checkConfirmed(claims, replicas, needed);
    const durability = needed > 0 && replicas >= needed ? 'replicated' : 'local';
    return { kind: 'granted', grants: claims.map((one, at) => grantOf(one, said[at]?.[0], { durability, sentAt })) };
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
    const key = lockKey(this.redis.service, name);
    await this.#ask({ script: RELEASE, key, args: [owner, String(used)] }, 0);
  }

  async leave(name: string, owner: string): Promise<void> {
    const key = lockKey(this.redis.service, name);
    this.#wakes.forget(key.slice(this.#root));
    await this.#ask({ script: LEAVE, key, args: [owner] }, 0);
  }

  onFree(listener: (name: string) => void): Unsubscribe {
    return this.#wakes.add(listener);
  }

  close(): void {
    this.#wakes.close();
  }

  /** Its part in a claim of several. */
  #callOf({ name, owner, ttl, tokens, above }: LockClaim): KeyedCall {
    const key = lockKey(this.redis.service, name);
    return { script: CLAIM_ALL, key, args: [owner, ttl, tokens, String(above)] };
  }

  /** Whether one call of a script reaches them all. */
  async #areTogether([first, ...others]: Together): Promise<boolean> {
    if ((await this.redis.calls()).kind === 'standalone') return true;
    const slot = slotOf(first.key);
    return others.every(({ key }) => slotOf(key) === slot);
  }

  /** How many replicas have to confirm; before a first lock its server is asked. */
  #neededFor({ durability }: LockClaim, key: string): number | Promise<number> {
    const needed = durability === 'local' ? 0 : this.#replicas.of(key);
    const keeping = this.#eviction.of(key);
    return keeping === undefined ? needed : Promise.all([needed, keeping]).then(([known]) => known);
  }

  /** What is asked before a first lock takes its time from that of the lock. */
  async #knowing<T>(needed: number | Promise<number>, claim: (needed: number) => Promise<T>): Promise<T> {
    if (typeof needed === 'number') return claim(needed);
    const { clock } = this.redis;
    const began = clock.now();
    const known = await within(clock, ANSWER_MS, needed);
    const left = (known > 0 ? CONFIRMED_MS : ANSWER_MS) - (clock.now() - began);
    return within(clock, Math.max(0, Math.ceil(left)), claim(known));
  }

  /** Gives back what too few have confirmed, where that is refused. @throws {LockNotReplicatedError} */
  #checkConfirmed(claims: readonly LockClaim[], replicas: number, needed: number): void {
    const [refused] = claims;
    if (replicas >= needed || refused?.whenUndurable !== 'refuse') return;
    for (const { name, owner, ttl } of claims) {
      void this.release({ name, owner, ttl, durability: 'local' }, 0n).catch(() => undefined);
    }
    throw tooFew(refused.name, replicas, needed);
  }

  async #askTogether(calls: Together, needed: number): Promise<AllConfirmed> {
    const { said, replicas } =
      needed > 0
        ? await this.#confirmed.runTogether(calls, needed)
        : { said: await this.redis.runTogether(calls), replicas: 0 };
    return { said: calls.map(({ key }, at) => ours(key, said[at] ?? [])), replicas };
  }

  async #ask(call: KeyedCall, needed: number): Promise<Confirmed> {
    const { said, replicas } =
      needed > 0 ? await this.#confirmed.run(call, needed) : { said: await this.redis.run(call), replicas: 0 };
    return { said: ours(call.key, said), replicas };
  }
}

/** Rather no lock than one that no replica has. */
function isStrict({ durability, whenUndurable }: LockClaim): boolean {
  return durability === 'replicated' && whenUndurable === 'refuse';
}

function alone({ name }: LockClaim, answer: LockAnswer): JointAnswer {
  return answer.kind === 'busy' ? { kind: 'busy', names: [name] } : { kind: 'granted', grants: [answer] };
}

/** @param first the first of the tokens, as the script says it */
function grantOf(
  { tokens }: LockClaim,
  first: unknown,
  { durability, sentAt }: Pick<LockGrant, 'durability' | 'sentAt'>,
): LockGrant {
  const token = BigInt(String(first));
  return { kind: 'granted', token, last: token + BigInt(tokens - 1), durability, sentAt };
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
