import type { Unsubscribe } from '../../core/events/event-hub.js';
import { ANSWER_MS } from '../../core/layers/layer.js';
import type { Cancel, Clock } from '../../core/shared/clock.js';
import { within } from './within.js';
import type { RedisSender } from './redis-client.js';
import type { RedisState } from './redis-connections.js';
import type { ServerClock } from './server-clock.js';

/** Of `RedisConnections` what it takes to ask for the time. */
export interface TimeSource {
  readonly data: Pick<RedisSender, 'call'>;
  isReady(): boolean;
  onState(listener: (state: RedisState) => void): Unsubscribe;
}

export interface ClockSync {
  /**
   * Resolves when the server has said its time for the first time, or has failed to within a second; at once where Redis
   * was away at the start. Never rejects.
   */
  firstSample(): Promise<void>;
  /** From now on nothing is asked, and what is still answered does not count. */
  stop(): void;
}

/** One after the other: the shortest round trip of them counts. */
const SAMPLES = 3;
const EVERY_MS = 10_000;

/**
 * Keeps a `ServerClock` by the server: asks it for `TIME` now and whenever it becomes ready, when another server may
 * answer, and every ten seconds after. Failures pass unseen, the next asking mends them. In a cluster any primary is
 * asked: their clocks are taken to agree, as NTP keeps them.
 */
export function syncClock(source: TimeSource, serverClock: ServerClock, local: Clock): ClockSync {
  const rounds = new Rounds(source, serverClock, local);
  const first = source.isReady() ? rounds.meet() : Promise.resolve();
  const forget = source.onState(({ state }) => void (state === 'ready' ? rounds.meet() : rounds.end()));
  return {
    firstSample: () => first,
    stop: () => {
      forget();
      rounds.end();
    },
  };
}

class Rounds {
  /** The one whose samples count: those of an earlier one may be of another server. */
  #current = 0;
  #cancel: Cancel = () => undefined;

  constructor(
    private readonly source: TimeSource,
    private readonly serverClock: ServerClock,
    private readonly local: Clock,
  ) {}

  /** A server that may be another than before. */
  meet(): Promise<void> {
    this.serverClock.forget();
    return this.#begin();
  }

  end(): void {
    this.#current += 1;
    this.#cancel();
  }

  /** @returns when the first sample has come or failed */
  #begin(): Promise<void> {
    this.end();
    this.#cancel = this.local.after(EVERY_MS, () => void this.#begin());
    const round = this.#current;
    const first = this.#sample(round);
    void this.#goOn(round, first);
    return first.then(() => undefined);
  }

  /** A sample that failed ends the round: the next would fail alike. */
  async #goOn(round: number, first: Promise<boolean>): Promise<void> {
    let isGood = await first;
    for (let taken = 1; isGood && taken < SAMPLES; taken += 1) isGood = await this.#sample(round);
  }

  async #sample(round: number): Promise<boolean> {
    try {
      const sent = this.local.now();
      const reply = await within(this.local, ANSWER_MS, this.source.data.call('TIME'));
      if (round !== this.#current) return false;
      this.serverClock.learn(millisecondsOf(reply), sent, this.local.now());
      return true;
    } catch {
      return false;
    }
  }
}

/** TIME answers seconds and the microseconds behind them; anything else is no time. */
function millisecondsOf(reply: unknown): number {
  const [seconds, micros]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  return Number(seconds) * 1_000 + Number(micros) / 1_000;
}
