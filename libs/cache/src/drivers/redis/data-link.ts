import type { Clock } from '../../core/shared/clock.js';
import type { Random } from '../../core/shared/random.js';
import { backoff } from './backoff.js';
import { failureOf, told, type Failure } from './failure.js';
import type { RedisSender } from './redis-client.js';

export interface LinkParts {
  readonly client: RedisSender;
  readonly clock: Clock;
  readonly random: Random;
  /** Asks the server whether it is the one that was meant, once, after the first connection. */
  check(): Promise<Failure | undefined>;
  /** Called when commands may be sent, and when no longer. */
  ready(): void;
  lost(reason: string): void;
  /** An attempt to connect, or the check behind it, has failed. */
  failed(failure: Failure): void;
}

/** How long an error is taken as the reason of what closes after it: a few attempts. */
const RECENT_MS = 10_000;

/** Follows the one client that carries commands. It listens once; ioredis reconnects for ever by itself. */
export class DataLink {
  #last: Failure | undefined;
  #lastAt = 0;
  #isPassed = false;
  #isUp = false;
  #isClosed = false;
  #refusals = 0;

  constructor(private readonly parts: LinkParts) {
    const { client } = parts;
    client.on('ready', () => this.#arrived());
    client.on('close', () => this.#left());
    client.on('end', () => this.#again());
    client.on('reconnecting', () => dropQueue(client));
    for (const event of ['error', 'node error', 'sentinelError']) client.on(event, (error) => this.note(error));
  }

  get isReady(): boolean {
    return this.#isPassed && this.parts.client.status === 'ready';
  }

  /** The last thing that went wrong; without any, how far the attempt under way has come. */
  get failure(): Failure {
    return this.#last ?? failureOf(new Error('timeout'));
  }

  start(): void {
    this.parts.client.connect().catch((error: unknown) => this.note(error));
  }

  /** That a connection closed says less than why, which was told before. */
  note(error: unknown): void {
    this.#keep(failureOf(error));
  }

  #keep(failure: Failure): void {
    const now = this.parts.clock.now();
    if (failure.code === 'CLOSED' && this.#last !== undefined && now - this.#lastAt < RECENT_MS) return;
    this.#last = failure;
    this.#lastAt = now;
  }

  /** Lets the client go without connecting it anew. */
  stop(): void {
    this.#isClosed = true;
  }

  #arrived(): void {
    if (this.#isClosed) return;
    if (this.#isPassed) return this.#up();
    this.parts.check().then(
      (failure) => (failure === undefined ? this.#pass() : this.#refuse(failure)),
      (error: unknown) => this.#refuse(failureOf(error)),
    );
  }

  #pass(): void {
    if (this.#isClosed) return;
    this.#isPassed = true;
    // It may have gone while it was asked; then the next 'ready' counts.
    if (this.parts.client.status === 'ready') this.#up();
  }

  #up(): void {
    this.#last = undefined;
    if (this.#isUp) return;
    this.#isUp = true;
    this.parts.ready();
  }

  #left(): void {
    if (this.#isClosed) return;
    this.note(new Error('Connection is closed.'));
    if (this.#isUp) {
      this.#isUp = false;
      this.parts.lost(told(this.failure));
    } else if (!this.#isPassed) {
      this.parts.failed(this.failure);
    }
  }

  /** Connects anew after a while, because another server may answer then. */
  #refuse(failure: Failure): void {
    if (this.#isClosed) return;
    this.#keep(failure);
    this.#refusals += 1;
    const { client, clock, random } = this.parts;
    clock.after(backoff(this.#refusals, random), () => {
      if (!this.#isClosed && client.status === 'ready') client.disconnect(true);
    });
    this.parts.failed(this.failure);
  }

  /** ioredis gives up only where opening a socket threw, on TLS options say; nobody else would try again. */
  #again(): void {
    if (this.#isClosed) return;
    this.#left();
    this.#refusals += 1;
    this.parts.clock.after(backoff(this.#refusals, this.parts.random), () => {
      if (!this.#isClosed) this.start();
    });
  }
}

/**
 * What a cluster client queued while it has no node. Private in ioredis, which empties it on its end only, so a cluster
 * that stays away would keep callers for ever.
 */
function dropQueue(client: RedisSender): void {
  const flush: unknown = Reflect.get(client, 'flushQueue');
  if (typeof flush === 'function') Reflect.apply(flush, client, [new Error('Connection is closed.')]);
}
