import { CacheConfigError, CacheConnectionError } from '../../../core/errors.js';
import { duration, type Duration } from '../../../core/shared/duration.js';
import type { FaultList } from './fault-list.js';
import type { EndFault, FaultOptions, LayerFaultOptions } from './fault-options.js';

/** The faults of memory. It neither waits nor fails nor has bytes to damage; but it forgets. */
export class MemoryFaults {
  constructor(private readonly faults: FaultList) {}

  /** Memory has dropped what it is asked for, as one that is too small for its work has: the read goes on to Redis, or to the source. */
  drop(options?: FaultOptions): EndFault {
    return this.faults.add({ kind: 'drop' }, options);
  }
}

/** The faults of the layer that processes share. */
export class SharedFaults {
  constructor(
    private readonly faults: FaultList,
    /** Throws where there is no such layer. */
    private readonly reach: () => void,
  ) {}

  /**
   * Operations reach Redis so much later. Who asks waits for `protection.patience` and, where there is no doing without an
   * answer, for a second at most: later ones are as good as lost.
   * @param time as `'200ms'`, above 0
   */
  delay(time: Duration, options?: LayerFaultOptions): EndFault {
    this.reach();
    return this.faults.add({ kind: 'delay', ms: positive(time, 'faults.shared.delay') }, options);
  }

  /** Operations never reach Redis, and get no answer, as from a server that stands still: patience ends, breakers open. */
  drop(options?: LayerFaultOptions): EndFault {
    this.reach();
    return this.faults.add({ kind: 'drop' }, options);
  }

  /**
   * Operations fail at once, and are not done.
   * @param error what they fail with, the `cause` of what the cache tells; default a `CacheConnectionError`
   */
  error(error: unknown = refusal(), options?: LayerFaultOptions): EndFault {
    this.reach();
    return this.faults.add({ kind: 'error', error }, options);
  }

  /** One bit of the bytes that a read gets is another: what lies there cannot be read, which is a miss and an event (`unreadable`). */
  corrupt(options?: FaultOptions): EndFault {
    this.reach();
    return this.faults.add({ kind: 'corrupt' }, options);
  }
}

/** @throws {CacheConfigError} */
export function positive(time: Duration, option: string): number {
  const ms = duration(time, option);
  if (ms > 0) return ms;
  throw new CacheConfigError(`${option}: a delay of 0 delays nothing. Write a time such as '200ms'.`);
}

function refusal(): CacheConnectionError {
  return new CacheConnectionError(
    'A fault of this test (CacheFaults) lets every operation on the shared layer fail. End it, or expect this.',
    { layer: 'shared' },
  );
}
