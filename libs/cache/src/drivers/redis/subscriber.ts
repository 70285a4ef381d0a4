import type { Cancel, Clock } from '../../core/shared/clock.js';
import { failureOf, told } from './failure.js';
import { nodeKey, type RedisNode } from './redis-client.js';

/** Who listens to a channel. None of its methods may throw. */
export interface ChannelListener {
  /** From now on every message arrives. Called anew after each reconnect or move. */
  subscribed(): void;
  /** Messages may be missed until `subscribed` is called again. */
  lost(reason: string): void;
  message(payload: Buffer): void;
}

/** Where a channel is listened to. */
export type Ear = Pick<RedisSubscriber, 'listen' | 'renew'>;

export interface SubscriberParts {
  readonly clock: Clock;
  /**
   * A fresh connection, not connected yet, without retries and with a limit for each command; `undefined` while there
   * is nowhere to connect to.
   */
  carrier(): RedisNode | undefined;
  /** What a connection is asked before it subscribes; one that refuses it is given up. Default: nothing. */
  prepare?(carrier: RedisNode): Promise<void>;
  /** Milliseconds before the n-th new attempt. */
  delay(attempt: number): number;
}

/** An idle connection says nothing when its host is gone, so it is asked. The carrier limits how long that may take. */
const PING_MS = 1_000;

/**
 * The subscriptions of this process, on one connection, of which it takes a new one whenever the old one ends. Connects
 * on the first `listen`. Subscribes by itself: ioredis neither tells when its own resubscribing is confirmed nor minds
 * when it fails.
 */
export class RedisSubscriber {
  readonly #channels = new Map<string, Set<ChannelListener>>();
  #carrier: RedisNode | undefined;
  #isUp = false;
  #isClosed = false;
  #attempts = 0;
  #reason = '';
  #cancel: Cancel = () => undefined;

  constructor(private readonly parts: SubscriberParts) {}

  /** The server that carries the subscriptions, `host:port`; `undefined` while there is none. */
  get server(): string | undefined {
    return this.#carrier === undefined ? undefined : nodeKey(this.#carrier);
  }

  /** Listens to a channel until the returned function is called. */
  listen(channel: string, listener: ChannelListener): () => void {
    const listeners = this.#channels.get(channel);
    if (listeners !== undefined) {
      listeners.add(listener);
      if (this.#isUp) listener.subscribed();
    } else {
      this.#channels.set(channel, new Set([listener]));
      if (this.#carrier === undefined) this.#open();
      else if (this.#isUp) this.#subscribe(this.#carrier, [channel]);
    }
    return () => this.#forget(channel, listener);
  }

  /** Takes another connection: this one no longer delivers. */
  renew(reason: string): void {
    if (this.#carrier === undefined) return;
    this.#attempts = 0;
    this.#drop(this.#carrier, reason);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#carrier?.disconnect();
    this.#carrier = undefined;
    this.#channels.clear();
  }

  #open(): void {
    if (this.#isClosed || this.#carrier !== undefined) return;
    const carrier = this.parts.carrier();
    if (carrier === undefined) return this.#openLater();
    this.#carrier = carrier;
    carrier.on('error', (error) => {
      if (carrier === this.#carrier) this.#reason = told(failureOf(error));
    });
    carrier.on('messageBuffer', (channel, payload) => {
      if (carrier === this.#carrier) this.#deliver(String(channel), payload as Buffer);
    });
    carrier.on('end', () => this.#ended(carrier));
    carrier.connect().then(
      () => void this.#prepare(carrier),
      () => this.#ended(carrier),
    );
  }

  async #prepare(carrier: RedisNode): Promise<void> {
    try {
      await this.parts.prepare?.(carrier);
    } catch (error) {
      if (carrier === this.#carrier) this.#drop(carrier, told(failureOf(error)));
      return;
    }
    this.#subscribe(carrier, [...this.#channels.keys()]);
  }

  #subscribe(carrier: RedisNode, channels: readonly string[]): void {
    if (channels.length === 0) return this.#confirmed(carrier, channels);
    carrier.subscribe(...channels).then(
      () => this.#confirmed(carrier, channels),
      (error: unknown) => {
        if (carrier === this.#carrier) this.#drop(carrier, told(failureOf(error)));
      },
    );
  }

  #confirmed(carrier: RedisNode, channels: readonly string[]): void {
    if (carrier !== this.#carrier) return;
    if (!this.#isUp) {
      this.#isUp = true;
      this.#attempts = 0;
      this.#ping(carrier);
      // Channels that came while this was under way.
      const late = [...this.#channels.keys()].filter((channel) => !channels.includes(channel));
      if (late.length > 0) this.#subscribe(carrier, late);
    }
    for (const channel of channels) for (const one of this.#channels.get(channel) ?? []) one.subscribed();
  }

  #ping(carrier: RedisNode): void {
    if (carrier !== this.#carrier) return;
    this.#cancel = this.parts.clock.after(PING_MS, () => {
      carrier.ping().then(
        () => this.#ping(carrier),
        (error: unknown) => {
          if (carrier === this.#carrier) this.renew(told(failureOf(error)));
        },
      );
    });
  }

  /** Does not wait for its end: a connection that died in the middle of its handshake may never tell. */
  #drop(carrier: RedisNode, reason: string): void {
    this.#reason = reason;
    carrier.disconnect();
    this.#ended(carrier);
  }

  #ended(carrier: RedisNode): void {
    if (carrier !== this.#carrier) return;
    this.#carrier = undefined;
    this.#cancel();
    const reason = this.#reason || 'CLOSED: the connection was closed';
    this.#reason = '';
    if (this.#isUp) {
      this.#isUp = false;
      for (const listeners of this.#channels.values()) for (const one of listeners) one.lost(reason);
    }
    this.#openLater();
  }

  #openLater(): void {
    if (this.#isClosed) return;
    this.#attempts += 1;
    this.#cancel = this.parts.clock.after(this.parts.delay(this.#attempts), () => this.#open());
  }

  #deliver(channel: string, payload: Buffer): void {
    for (const listener of this.#channels.get(channel) ?? []) listener.message(payload);
  }

  #forget(channel: string, listener: ChannelListener): void {
    const listeners = this.#channels.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#channels.delete(channel);
    if (this.#isUp) this.#carrier?.unsubscribe(channel).catch(() => undefined);
  }
}
