import slotOf from 'cluster-key-slot';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Coordination } from '../coordination/coordination.js';
import type { RedisConnections } from '../redis-connections.js';
import { infoOf } from '../server-info.js';
import { within } from '../within.js';
import { HighWaterMarks } from './high-water-marks.js';

/** Counted anew after this, when somebody asks: who was away when first counted may be back. */
const RECOUNT_MS = 5_000;

/**
 * A replica that is missing may be the one that takes over, so it counts as long as that may be. One that was away longer
 * does not take over by itself, with the settings of Sentinel and Cluster as they come; it may have been removed for good.
 */
const REMEMBERED_MS = 600_000;

/** How many replicas have to confirm a lock: the most that its server had of late, or what the options say. */
export class Replicas {
  readonly #marks = new HighWaterMarks(REMEMBERED_MS);
  #indexOf: ((key: string) => number) | undefined;
  #countedAt = 0;
  #counting: Promise<void> | undefined;

  /** @param required what the options say */
  constructor(
    private readonly redis: Coordination,
    private readonly required: number | undefined,
  ) {}

  /**
   * @throws {CacheTimeoutError} before it is known, when the server does not say in time.
   * @throws as `Coordination.calls`, before it is known.
   */
  of(key: string): number | Promise<number> {
    if (this.required !== undefined) return this.required;
    if (this.#indexOf === undefined) return this.#count().then(() => this.#known(key));
    // What is known stays so when this fails.
    if (this.redis.clock.now() - this.#countedAt >= RECOUNT_MS) this.#count().catch(() => undefined);
    return this.#known(key);
  }

  #known(key: string): number {
    return this.#marks.at(this.#indexOf?.(key) ?? 0);
  }

  #count(): Promise<void> {
    const { clock } = this.redis;
    this.#countedAt = clock.now();
    this.#counting ??= within(clock, ANSWER_MS, this.#counted()).finally(() => (this.#counting = undefined));
    return this.#counting;
  }

  async #counted(): Promise<void> {
    const lines = await this.redis.calls();
    this.#marks.note(await countsOf(lines), this.redis.clock.now());
    this.#indexOf = lines.kind === 'cluster' ? slotOf : () => 0;
  }
}

/** Of the one server, or of each slot as the map of the cluster says at the moment. */
async function countsOf(lines: RedisConnections): Promise<readonly number[]> {
  if (lines.kind === 'standalone') return [attached(await infoOf(lines.data, 'replication'))];
  return Array.from(lines.data.slots, (nodes) => Math.max(0, (nodes?.length ?? 0) - 1));
}

/** A server that does not let us ask has none, as far as we know. */
function attached(replication: string): number {
  const [, replicas = '0'] = /connected_slaves:(\d+)/.exec(replication) ?? [];
  return Number(replicas);
}
