import { randomBytes } from 'node:crypto';
import type { PermitAnswer, PermitEngine, PermitRequest } from '../../../core/locks/permit-engine.js';
import type { Coordination, KeyedCall } from '../coordination/coordination.js';
import { ours } from '../coordination/foreign-key.js';
import { wakeChannel } from '../locks/lock-key.js';
import { ACQUIRE } from './acquire.script.js';
import { permitsKey } from './permits-key.js';
import { RELEASE } from './release.script.js';
import { RENEW } from './renew.script.js';

/**
 * Permits in Redis: one key a name, `coord:{service}:permits:{name}`, all decisions by the server's time. The key has no
 * lifetime, so that no eviction of volatile keys can free what is held; it goes with its last holder.
 */
export class RedisPermits implements PermitEngine {
  /** Of this process: its channel, and what the ids of its owners begin with. */
  readonly #process = randomBytes(16).toString('hex');
  readonly #channels: string;
  readonly #heard = new Map<string, () => void>();
  #owners = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(private readonly redis: Coordination) {
    this.#channels = wakeChannel(redis.service, '');
  }

  newOwner(): string {
    this.#owners += 1;
    return `${this.#process}.${this.#owners}`;
  }

  async acquire({ name, owner, weight, capacity, ttl, place, above }: PermitRequest): Promise<PermitAnswer> {
    const sentAt = this.redis.clock.now();
    const [token, retryIn] = await this.#ask({
      script: ACQUIRE,
      key: this.#key(name),
      args: [owner, weight, capacity, ttl, place, String(above)],
    });
    // A number of µs, which is exact as one until the year 2255.
    if (token !== null) return { granted: true, token: BigInt(Number(token)), sentAt };
    return { granted: false, retryIn: Number(retryIn) };
  }

  async renew(name: string, owner: string, ttl: number): Promise<number | undefined> {
    const sentAt = this.redis.clock.now();
    const [renewed] = await this.#ask({ script: RENEW, key: this.#key(name), args: [owner, ttl] });
    return renewed === 1 ? sentAt : undefined;
  }

  async release(name: string, owner: string): Promise<void> {
    await this.#ask({ script: RELEASE, key: this.#key(name), args: [owner, this.#channels] });
  }

  onOffer(owner: string, heard: () => void): () => void {
    this.#heard.set(owner, heard);
    this.#unsubscribe ??= this.#listen();
    return () => this.#heard.delete(owner);
  }

  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#heard.clear();
  }

  async #ask(call: KeyedCall): Promise<readonly unknown[]> {
    return ours(call.key, await this.redis.run(call));
  }

  #key(name: string): string {
    return permitsKey(this.redis.service, name);
  }

  #listen(): () => void {
    const all = () => {
      for (const heard of this.#heard.values()) heard();
    };
    return this.redis.subscriber.listen(this.#channels + this.#process, {
      // What was offered before may have been missed.
      subscribed: all,
      lost: () => undefined,
      message: (payload) => this.#heard.get(payload.toString('latin1'))?.(),
    });
  }
}
