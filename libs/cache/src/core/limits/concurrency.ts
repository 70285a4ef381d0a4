import { CacheConfigError, CacheTimeoutError } from '../errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { Holding } from '../locks/holding.js';
import { termsOf } from '../locks/lock-options.js';
import type { Permits } from '../locks/permits.js';
import type { Clock } from '../shared/clock.js';
import type { ResolvedConcurrency } from './concurrency-rule.js';
import { Decision, type RuleDecision } from './decision.js';
import { inOwnTime } from './own-time.js';

/** One request to one rule, for one identity. */
export interface ConcurrencyAsk {
  readonly rule: ResolvedConcurrency;
  /** The identity, escaped. */
  readonly who: string;
}

/** A request that was decided, and counts until it is over. */
export interface Entry {
  readonly decision: Decision;
  /** It is over: never rejects, and a second time does nothing. */
  readonly leave: () => Promise<void>;
}

export interface ConcurrencyParts {
  /** Those of all processes; absent where there is one only. */
  readonly shared: Permits | undefined;
  readonly local: Permits;
  /** Local time. */
  readonly clock: Clock;
  readonly events: EventHub;
  /** The full key of permits, for events. */
  readonly fullKey: (name: string) => string;
  /** How long a request waits for Redis, ms. */
  readonly patience: number;
}

/** Until Redis has answered once, connections are still being opened: ms. */
const FIRST_MS = 1_000;
/** Failures in a row after which Redis is not waited for. */
const FAILURES = 3;
/** How often it is then asked whether it is back, ms: in the background, when requests come. */
const PROBE_MS = 250;
/** When to come again: nobody knows when a request ends. ms */
const RETRY_MS = 1_000;

/** Lets so many requests in at a time, by leased permits: a process that dies gives them back when its leases end. */
export class ConcurrencyLimiter {
  /** What this process has let in, by name of the permits. */
  readonly #held = new Map<string, number>();
  #patience = FIRST_MS;
  #failures = 0;
  #probeAt = 0;

  constructor(private readonly parts: ConcurrencyParts) {}

  /**
   * Asks the rules in their order; what earlier ones let in is given back when a later one refuses.
   * @throws {CacheConfigError} when somebody else keeps something under a key.
   */
  async enter(asks: readonly ConcurrencyAsk[]): Promise<Entry> {
    const entered: Seat[] = [];
    const rules: RuleDecision[] = [];
    const leave = once(async () => void (await Promise.all(entered.map((seat) => this.#leave(seat)))));
    try {
      for (const ask of asks) {
        const seat = await this.#seat(ask);
        entered.push(seat);
        rules.push(this.#said(ask, seat));
        if (!seat.allowed) break;
      }
    } catch (error) {
      void leave();
      throw error;
    }
    const allowed = entered.every((seat) => seat.allowed);
    const decision = new Decision(
      allowed,
      rules,
      entered.some(({ storeDown }) => storeDown),
    );
    if (!allowed) {
      this.#tell(asks[rules.length - 1], decision);
      void leave();
    }
    return { decision, leave };
  }

  /** Takes no more. What is held ends by itself. */
  close(): void {
    this.parts.shared?.close();
    this.parts.local.close();
  }

  async #seat(ask: ConcurrencyAsk): Promise<Seat> {
    const { shared, local } = this.parts;
    if (shared === undefined) return this.#taken(ask, await take(local, ask), false);
    if (this.#mayAsk(shared)) {
      try {
        return this.#taken(ask, await this.#inTime(shared, ask), false);
      } catch (error) {
        // The place has answered: it is under this name alone that nobody can be let in.
        if (error instanceof CacheConfigError) throw error;
        this.#failures += 1;
      }
    }
    const { whenStoreDown } = ask.rule;
    if (whenStoreDown === 'local') return this.#taken(ask, await take(local, ask), true);
    return { name: nameOf(ask), holding: undefined, allowed: whenStoreDown === 'open', storeDown: true };
  }

  #taken(ask: ConcurrencyAsk, holding: Holding | undefined, storeDown: boolean): Seat {
    const name = nameOf(ask);
    if (holding !== undefined) this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    return { name, holding, allowed: holding !== undefined, storeDown };
  }

  /** What is granted too late is given back at once. */
  async #inTime(shared: Permits, ask: ConcurrencyAsk): Promise<Holding | undefined> {
    const asked = take(shared, ask);
    try {
      const holding = await inOwnTime(asked, { clock: this.parts.clock, ms: this.#patience, late });
      this.#patience = this.parts.patience;
      this.#failures = 0;
      return holding;
    } catch (error) {
      asked.then((holding) => holding?.release()).catch(() => undefined);
      throw error;
    }
  }

  /** Where Redis is known to be away, nobody waits to learn that it is back. */
  #mayAsk(shared: Permits): boolean {
    if (this.#failures < FAILURES) return true;
    const now = this.parts.clock.now();
    if (now < this.#probeAt) return false;
    this.#probeAt = now + PROBE_MS;
    this.#inTime(shared, PROBE)
      .then((holding) => holding?.release())
      .catch(() => undefined);
    return false;
  }

  async #leave({ name, holding }: Seat): Promise<void> {
    if (holding === undefined) return;
    const left = (this.#held.get(name) ?? 1) - 1;
    if (left > 0) this.#held.set(name, left);
    else this.#held.delete(name);
    const released = holding.release();
    if (this.parts.shared === undefined) return released;
    // Nobody waits for a Redis that is away: the lease ends by itself.
    if (this.#failures >= FAILURES) return;
    await inOwnTime(released, { clock: this.parts.clock, ms: this.#patience, late }).catch(() => undefined);
  }

  #said({ rule }: ConcurrencyAsk, { name, allowed }: Seat): RuleDecision {
    const { concurrent: limit } = rule;
    const remaining = allowed ? Math.max(0, limit - (this.#held.get(name) ?? 0)) : 0;
    const retryAfter = allowed ? 0 : RETRY_MS;
    return { rule: rule.name, allowed, limit, per: 0, remaining, retryAfter, resetAfter: retryAfter, shadow: false };
  }

  #tell(ask: ConcurrencyAsk | undefined, { violated, retryAfter }: Decision): void {
    const { events, fullKey } = this.parts;
    if (ask === undefined || !events.wants('limited')) return;
    events.emit({ type: 'limited', key: fullKey(nameOf(ask)), rules: violated, retryAfter });
  }
}

interface Seat {
  readonly name: string;
  /** Absent where nothing is held: a refusal, or `whenStoreDown: 'open'`. */
  readonly holding: Holding | undefined;
  readonly allowed: boolean;
  readonly storeDown: boolean;
}

/** Everybody may have it: it is only to see whether Redis answers. */
const PROBE: ConcurrencyAsk = {
  rule: { name: '~probe', concurrent: 10_000, key: undefined, ttl: 1_000, at: 'call', whenStoreDown: 'open' },
  who: '~',
};

/** Of its permits; `concurrency:` is what no semaphore of the application should begin with. */
function nameOf({ rule, who }: ConcurrencyAsk): string {
  return `concurrency:${rule.name}:${who}`;
}

function take(permits: Permits, ask: ConcurrencyAsk): Promise<Holding | undefined> {
  const { ttl, concurrent: capacity } = ask.rule;
  return permits.acquire({ name: nameOf(ask), weight: 1, capacity }, termsOf({ ttl, wait: 0 }));
}

function late(): CacheTimeoutError {
  return new CacheTimeoutError('Redis did not answer in time.', { layer: 'shared' });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
