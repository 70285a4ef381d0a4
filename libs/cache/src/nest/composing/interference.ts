import type { HotLayer } from '../../core/layers/doubts.js';
import type { Clock } from '../../core/shared/clock.js';
import type { Carrier } from '../../drivers/redis/calls/question.js';
import type { RedisPlace } from '../../drivers/redis/open-redis.js';
import type { Ear } from '../../drivers/redis/subscriber.js';

export type { Carrier, Question } from '../../drivers/redis/calls/question.js';
export type { ChannelListener, Ear } from '../../drivers/redis/subscriber.js';

/** Where processes share entries. */
export type SharedPlace = Pick<RedisPlace, 'strict'>;

/** What a place needs to know to be interfered with. */
export interface Surroundings {
  readonly clock: Clock;
  /** The full key of an id. */
  readonly fullKey: (id: string) => string;
}

export interface EarSurroundings {
  readonly clock: Clock;
  /** The key that a message tells of; `undefined`: it is a sign of life. */
  readonly toldOf: (message: string) => string | undefined;
}

/** What a test puts between the cache and the places it stands on. */
export interface Interference {
  memory(memory: HotLayer, about: Surroundings): HotLayer;
  /** The way to Redis, below whatever bounds it. */
  carrier(carrier: Carrier, clock: Clock): Carrier;
  /** Level `strict` has a way of its own. */
  place<P extends SharedPlace>(place: P, about: Surroundings): P;
  ear(ear: Ear, about: EarSurroundings): Ear;
  /** The bytes that the shared layer gave for a full key, as they are to be read. */
  received(key: string, bytes: Uint8Array): Uint8Array;
}
