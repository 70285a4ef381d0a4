import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { RedisConnections } from '../redis-connections.js';
import { within } from '../within.js';

/** Connections that cost nothing until somebody needs them. */
export class LazyConnections {
  #opening: Promise<RedisConnections> | undefined;
  #isClosed = false;

  /** @param connect opens them; they reconnect by themselves for ever */
  constructor(
    private readonly clock: Clock,
    private readonly connect: () => Promise<RedisConnections>,
  ) {}

  /**
   * @throws {CacheTimeoutError} when opening takes longer than a caller waits; it goes on for those who come later.
   * @throws what `connect` throws; the next caller tries anew.
   */
  get(): Promise<RedisConnections> {
    if (this.#isClosed) return Promise.reject(new Error('Connection is closed.'));
    this.#opening ??= this.#open();
    return within(this.clock, ANSWER_MS, this.#opening);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connections = await this.#opening?.catch(() => undefined);
    await connections?.close();
  }

  async #open(): Promise<RedisConnections> {
    try {
      return await this.connect();
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}
