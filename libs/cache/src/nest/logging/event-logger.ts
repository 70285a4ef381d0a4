import { Inject, Injectable, Logger } from '@nestjs/common';
import { CacheEvents } from '../../core/events/event-hub.js';
import type { World } from '../composition.js';
import { CACHE_WORLD } from '../tokens.js';

/** What has not happened for so long is news again. */
const QUIET_MS = 60_000;

/** Writes what an operator should know, and each thing once: a warning per call would hide the others. */
@Injectable()
export class EventLogger {
  readonly #logger = new Logger('DatapunkCache');
  readonly #told = new Set<string>();
  /** What was told of the outage under way. */
  readonly #outage = new Map<string, number>();
  /** When which lock was last told to be lost, within the last minute. */
  readonly #lost = new Map<string, number>();

  constructor(
    @Inject(CacheEvents) private readonly events: CacheEvents,
    @Inject(CACHE_WORLD) private readonly world: Pick<World, 'clock'>,
  ) {
    this.#tellOfValues();
    this.#tellOfRedis();
    this.#tellOfNodes();
    this.#tellOfLosses();
    this.#tellOfCircuits();
    this.#tellOfLimits();
    this.#tellOfLeaders();
    this.#tellOfLocks();
  }

  #tellOfLocks(): void {
    this.events.on('lock-lost', ({ name, error }) => {
      const now = this.world.clock.now();
      for (const [lost, at] of this.#lost) if (now - at >= QUIET_MS) this.#lost.delete(lost);
      if (this.#lost.has(name)) return;
      this.#lost.set(name, now);
      this.#logger.warn(`The lock '${name}' was lost while it was held: ${error.message}`);
    });
  }

  #tellOfLeaders(): void {
    this.events.on('leader-failed', ({ name, error }) => {
      this.#once(`leader ${name}`, `The leadership of '${name}' failed and is stood for anew: ${String(error)}`);
    });
  }

  #tellOfValues(): void {
    this.events.on('uncached', ({ method, error }) => {
      this.#once(`${method} ${error.code}`, `${method} ran uncached: ${error.message}`);
    });
    this.events.on('write-uncached', ({ key, error }) => {
      this.#once(
        `${entityOf(key)} ${error.code}`,
        `'${key}' was saved, but its cached value was dropped: ${error.message}`,
      );
    });
    this.events.on('not-stored', ({ key, reason }) => {
      if (reason !== 'too-large') return;
      this.#once(
        `${entityOf(key)} too-large`,
        `'${key}' is larger than the whole memory layer and is not kept. Raise local.budget.`,
      );
    });
    this.events.on('stale-hit', ({ key, reader, age }) => {
      this.#once(
        `${reader} stale`,
        `${reader} answered '${key}' with what its source no longer says, for at most ${Math.ceil(age / 1_000)} s. The value was removed. Who changes the source without telling the cache?`,
      );
    });
    this.events.on('stale-served', ({ key, reason }) => {
      if (reason === 'refreshing') return;
      const why = reason === 'busy' ? 'no load had room' : 'its loader fails';
      this.#inOutage(`stale ${entityOf(key)} ${reason}`, `'${key}' is served stale: ${why}.`);
    });
    this.events.on('unreadable', ({ key, reason }) => {
      this.#once(
        `${entityOf(key)} ${reason}`,
        `'${key}' holds bytes in Redis that cannot be read (${reason}) and counts as a miss. Who else writes there?`,
      );
    });
  }

  #tellOfRedis(): void {
    this.events.on('redis-lost', ({ address, reason }) => {
      this.#inOutage('lost', `Redis at ${address} is lost (${reason}). Reads go to their source.`);
    });
    this.events.on('bus-lost', ({ reason }) => {
      this.#inOutage(
        'bus',
        `Notices of other processes are lost (${reason}). Memory keeps nothing new until they are back.`,
      );
    });
    this.events.on('bus-blind', ({ ms }) => {
      this.#inOutage('blind', `Notices of other processes are lost for ${ms} ms: reads go past memory.`);
    });
    this.events.on('gap', ({ cause, publisher }) => {
      this.#inOutage('gap', `A notice of ${publisher} was missed (${cause}). Memory is looked at before it is served.`);
    });
    this.events.on('layer-failed', ({ key, operation, error }) => {
      this.#inOutage(operation, `The ${operation} of '${key}' failed in Redis: ${messageOf(error)}`);
    });
    this.events.on('deferred', ({ key, error }) => {
      this.#inOutage('deferred', `'${key}' is removed from Redis as soon as it answers: ${messageOf(error)}`);
    });
    this.events.on('invalidation-lost', ({ key, error }) => {
      this.#inOutage('full', `'${key}' stays in Redis until it ends; too many keys wait already: ${messageOf(error)}`);
    });
    this.events.on('overloaded', ({ refused, operations, per }) => {
      this.#inOutage(
        'overloaded',
        `${refused} reads or fills were not sent: Redis is asked at most ${operations} times in ${per} ms. Keep more in memory, or raise protection.operations.`,
      );
    });
    this.events.on('bus-ready', () => {
      this.#outage.delete('blind');
      if (this.#outage.delete('bus')) this.#logger.log('Notices of other processes are heard again.');
    });
    this.events.on('redis-ready', ({ address }) => {
      if (this.#outage.has('lost')) this.#logger.log(`Redis at ${address} is back.`);
      for (const topic of this.#outage.keys()) if (topic !== 'bus') this.#outage.delete(topic);
    });
  }

  #tellOfNodes(): void {
    this.events.on('shared-breaker-opened', ({ node }) => {
      this.#inOutage(
        `breaker ${node}`,
        `Redis at ${node} does not answer and is not asked: its keys go to their source.`,
      );
    });
    this.events.on('shared-breaker-closed', ({ node }) => {
      if (this.#outage.delete(`breaker ${node}`)) this.#logger.log(`Redis at ${node} answers again.`);
    });
  }

  #tellOfLosses(): void {
    this.events.on('resent', ({ lost, unanswered }) => {
      if (lost > 0) this.#inOutage('resent', `Redis had lost ${lost} of our last changes. They were made again.`);
      if (unanswered > 0) {
        this.#inOutage('unanswered', `Redis may have lost ${unanswered} of our last changes, and gives no answer.`);
      }
    });
  }

  #tellOfCircuits(): void {
    this.events.on('breaker-opened', ({ operation, scope }) => {
      const where = scope === 'fleet' ? 'in the whole fleet' : 'in this process alone';
      this.#inOutage(`circuit ${operation}`, `The backend of '${operation}' fails: its calls fail at once, ${where}.`);
    });
    this.events.on('breaker-closed', ({ operation }) => {
      if (this.#outage.delete(`circuit ${operation}`)) this.#logger.log(`The backend of '${operation}' answers again.`);
    });
  }

  #tellOfLimits(): void {
    this.events.on('limit-store-lost', ({ error }) => {
      this.#inOutage('limits', `Rate limits are decided without Redis (${messageOf(error)}), as whenStoreDown says.`);
    });
    this.events.on('limit-store-ready', () => {
      if (this.#outage.delete('limits')) this.#logger.log('Rate limits are counted in Redis again.');
    });
  }

  #inOutage(topic: string, message: string): void {
    const now = this.world.clock.now();
    const told = this.#outage.get(topic);
    this.#outage.set(topic, now);
    if (told !== undefined && now - told < QUIET_MS) return;
    this.#logger.warn(message);
  }

  #once(topic: string, message: string): void {
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    this.#logger.warn(message);
  }
}

/** `app:lake:product` of `app:lake:product:7`: bounds the memory of what was told. */
function entityOf(key: string): string {
  return key.split(':', 3).join(':');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
