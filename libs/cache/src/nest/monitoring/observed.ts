import type { CacheEvents, Unsubscribe } from '../../core/events/event-hub.js';
import type { EventOf } from '../../core/events/cache-event.js';
import type { Clock } from '../../core/shared/clock.js';

/** Whether a place is there, and since when, ms since the epoch. */
export interface Standing<S extends string> {
  readonly state: S;
  readonly since: number;
  /** Why it is not. */
  readonly reason?: string | undefined;
}

/** What happened so far, by what was told: nothing here is asked for. Listens to what is rare only. */
export class Observed {
  redis: Standing<'ready' | 'lost'>;
  bus: Standing<'ready' | 'lost' | 'blind'>;
  limits: Standing<'ready' | 'lost'>;
  /** Nodes of Redis that are not asked. */
  readonly openNodes = new Set<string>();
  /** How long the last message to ourselves took, ms. */
  busDelay: number | undefined;
  readonly gaps = { lost: 0, silent: 0, unheard: 0 };
  locksLost = 0;
  readonly #ends: Unsubscribe[];

  constructor(
    events: CacheEvents,
    private readonly clock: Pick<Clock, 'now'>,
    isShared: boolean,
  ) {
    // Until it is told that it is there, it is not.
    this.redis = this.#now(isShared ? 'lost' : 'ready');
    this.bus = this.#now(isShared ? 'lost' : 'ready');
    this.limits = this.#now('ready');
    this.#ends = [
      events.on('redis-ready', () => (this.redis = this.#now('ready'))),
      events.on('redis-lost', ({ reason }) => (this.redis = this.#now('lost', reason))),
      events.on('bus-ready', () => (this.bus = this.#now('ready'))),
      events.on('bus-lost', ({ reason }) => (this.bus = this.#now('lost', reason))),
      events.on('bus-blind', () => (this.bus = { ...this.bus, state: 'blind' })),
      events.on('bus-delay', ({ ms }) => (this.busDelay = ms)),
      events.on('gap', ({ cause }: EventOf<'gap'>) => (this.gaps[cause] += 1)),
      events.on('limit-store-lost', ({ error }) => (this.limits = this.#now('lost', String(error)))),
      events.on('limit-store-ready', () => (this.limits = this.#now('ready'))),
      events.on('lock-lost', () => (this.locksLost += 1)),
      events.on('shared-breaker-opened', ({ node }) => this.openNodes.add(node)),
      events.on('shared-breaker-closed', ({ node }) => this.openNodes.delete(node)),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  #now<S extends string>(state: S, reason?: string): Standing<S> {
    return { state, since: this.clock.now(), reason };
  }
}
