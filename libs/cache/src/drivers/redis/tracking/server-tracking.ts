import type { Clock } from '../../../core/shared/clock.js';
import type { RedisNode } from '../redis-client.js';
import { RedisSubscriber } from '../subscriber.js';

/** Where a server tells of touched keys. */
export const INVALIDATE = '__redis__:invalidate';

/** Who is told what a server says. None of its methods may throw. */
export interface TrackingListener {
  /** The full key. */
  touched(key: string): void;
  /** Every key may have been: the server was emptied. */
  allTouched(): void;
  /** From now on every touched key is told; again after each reconnect. */
  hears(): void;
  /** Some may be missed until `hears`. */
  deaf(reason: string): void;
}

export interface ServerTrackingParts {
  readonly clock: Clock;
  /** How the keys begin that matter. None is the beginning of another. */
  readonly prefixes: readonly string[];
  /** As of the subscriber. */
  readonly carrier: () => RedisNode | undefined;
  readonly delay: (attempt: number) => number;
  readonly listener: TrackingListener;
}

/**
 * Hears of one server which keys are touched, by whomever: Redis's client-side caching in its broadcasting mode, over a
 * connection that is told about itself (https://redis.io/docs/latest/develop/reference/client-side-caching/). It speaks
 * RESP2: version 6 of ioredis drops what RESP3 pushes, without a word. The server forgets that it tells with the
 * connection, so each new one asks for it before it subscribes. NOLOOP would be of no use: it leaves out what this very
 * connection writes, which is nothing.
 */
export class ServerTracking {
  readonly #subscriber: RedisSubscriber;

  constructor({ clock, prefixes, carrier, delay, listener }: ServerTrackingParts) {
    const prepare = async (node: RedisNode): Promise<void> => {
      const id = Number(await node.call('CLIENT', 'ID'));
      const ours = prefixes.flatMap((prefix) => ['PREFIX', prefix]);
      await node.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...ours);
    };
    this.#subscriber = new RedisSubscriber({ clock, carrier, delay, prepare });
    this.#subscriber.listen(INVALIDATE, {
      subscribed: () => listener.hears(),
      lost: (reason) => listener.deaf(reason),
      message: (keys: unknown) => tell(keys, listener),
    });
  }

  /** Takes another connection: this one no longer leads where it should. */
  renew(reason: string): void {
    this.#subscriber.renew(reason);
  }

  close(): void {
    this.#subscriber.close();
  }
}

/** Not a message as others are: keys, or nothing when all went at once. */
function tell(keys: unknown, listener: TrackingListener): void {
  if (!Array.isArray(keys)) return listener.allTouched();
  // Keys of ours are plain text; latin1 keeps apart what others may have.
  for (const key of keys) if (Buffer.isBuffer(key)) listener.touched(key.toString('latin1'));
}
