import { snapshot } from '../entry/snapshot.js';
import { sharedView } from '../entry/views.js';
import type { Clock } from '../shared/clock.js';

export interface ComputedLimits {
  /** Milliseconds; `Infinity`: for ever. */
  readonly ttl: number;
  readonly maxEntries: number;
}

interface Result {
  readonly value: unknown;
  readonly shareable: boolean;
  readonly until: number;
}

/** Results of computations in this process, bounded, least recently used first out. They never leave the process. */
export class ComputedResults {
  readonly #results = new Map<string, Result>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: ComputedLimits,
  ) {}

  /** A view of the result; `undefined`: none. */
  find(key: string): { readonly view: unknown } | undefined {
    const result = this.#results.get(key);
    if (result === undefined) return undefined;
    this.#results.delete(key);
    if (result.until <= this.clock.coarse()) return undefined;
    this.#results.set(key, result);
    return { view: viewOf(result) };
  }

  /**
   * Keeps a result and gives the caller its view of it. `undefined` is not kept.
   * @throws {CacheSerializationError} for a value that cannot be shared safely.
   */
  keep(key: string, value: unknown): unknown {
    if (value === undefined) return undefined;
    const result = { ...snapshot(value), until: this.clock.now() + this.limits.ttl };
    this.#results.delete(key);
    this.#results.set(key, result);
    for (const oldest of this.#results.keys()) {
      if (this.#results.size <= this.limits.maxEntries) break;
      this.#results.delete(oldest);
    }
    return viewOf(result);
  }
}

function viewOf({ value, shareable }: Result): unknown {
  return shareable ? value : sharedView(value);
}
