import type { Duration } from '../../../core/shared/duration.js';
import type { FaultList } from './fault-list.js';
import type { EndFault, FaultOptions } from './fault-options.js';
import type { FaultyEar } from './faulty-ear.js';
import { positive } from './layer-faults.js';

/**
 * The faults of what this process hears of others: each message that tells of a key (of a change, or of the end of a
 * load). What it tells others itself arrives. The signs of life between messages arrive as well, but under `error`.
 */
export class BusFaults {
  readonly #ears = new Set<FaultyEar>();
  #cuts = 0;

  constructor(
    private readonly faults: FaultList,
    /** Throws where there is no bus. */
    private readonly reach: () => void,
  ) {}

  /**
   * Messages come so much later. What is told of a change that late is stale in memory until then.
   * @param time as `'200ms'`, above 0
   */
  delay(time: Duration, options?: FaultOptions): EndFault {
    this.reach();
    return this.faults.add({ kind: 'delay', ms: positive(time, 'faults.bus.delay') }, options);
  }

  /** Messages never come. The next sign of life of their sender shows that, 1.2 s later as a rule: memory is looked at before it is served again. */
  drop(options?: FaultOptions): EndFault {
    this.reach();
    return this.faults.add({ kind: 'drop' }, options);
  }

  /** Half of a message comes, and says nothing. What follows is as in `drop`. */
  corrupt(options?: FaultOptions): EndFault {
    this.reach();
    return this.faults.add({ kind: 'corrupt' }, options);
  }

  /** The subscription is lost (`bus-lost`), until the fault is ended (`bus-ready`). @param reason as the event tells it */
  error(reason = 'a fault of this test'): EndFault {
    this.reach();
    this.#cuts += 1;
    for (const ear of this.#ears) ear.cut(reason);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#cuts = Math.max(0, this.#cuts - 1);
      if (this.#cuts === 0) this.#mend();
    };
  }

  /** Ends every fault of the bus. */
  heal(): void {
    this.faults.clear();
    this.#cuts = 0;
    this.#mend();
  }

  /** An ear that these faults are for. */
  join(ear: FaultyEar): void {
    this.#ears.add(ear);
  }

  #mend(): void {
    for (const ear of this.#ears) ear.cut(undefined);
  }
}
