import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';
import { Leader, type LeaderOptions, type LeaderWork } from './leader.js';
import type { Locks } from './locks.js';

/** Of one who stands for a leadership. */
export interface Leadership {
  readonly name: string;
  /** Whether this process leads now. */
  readonly isLeading: boolean;
  /**
   * Hands over and stands no more: the signal of the work aborts, and once the work has ended the next one leads. Resolves
   * then, or after 5 s. Never rejects.
   */
  stop(): Promise<void>;
}

/** All who stand for a leadership in this process, or whose work goes on though they were stopped. */
export class Leaders {
  readonly #standing = new Set<Leader>();

  constructor(
    private readonly parts: {
      readonly locks: Pick<Locks, 'acquire'>;
      readonly clock: Clock;
      readonly events: EventHub;
    },
  ) {}

  /** @throws {CacheConfigError} for a wrong name or option. */
  stand(name: string, work: LeaderWork, options?: LeaderOptions): Leadership {
    const { locks, clock, events } = this.parts;
    const failed = (of: string, error: unknown) => events.emit({ type: 'leader-failed', name: of, error });
    const leader = new Leader(name, { work, options }, { locks, clock, failed });
    this.#standing.add(leader);
    void leader.ended.then(() => this.#standing.delete(leader));
    return leader;
  }

  /** Hands everything over. */
  async stop(): Promise<void> {
    await Promise.all([...this.#standing].map((leader) => leader.stop()));
  }
}
