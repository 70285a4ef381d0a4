import type { Clock } from '../../../core/shared/clock.js';
import type { Random } from '../../../core/shared/random.js';
import { Courier } from '../calls/courier.js';
import { NotReady } from '../calls/not-ready.js';
import type { ScriptCall } from '../calls/question.js';
import type { Script } from '../calls/script.js';
import type { ConnectionLimit } from '../connection-limit.js';
import { connectRedis } from '../connect.js';
import type { RedisArgument } from '../redis-client.js';
import type { RedisConnections } from '../redis-connections.js';
import type { ResolvedRedis } from '../resolved-redis.js';
import type { ServerClock } from '../server-clock.js';
import type { RedisSubscriber } from '../subscriber.js';
import { LazyConnections } from './lazy-connections.js';

/** One key's part in a call of a script. */
export interface KeyedCall {
  readonly script: Script;
  /** The full key. */
  readonly key: string;
  /** What the script takes for this key: as many for every key. */
  readonly args: readonly RedisArgument[];
}

/**
 * What locks, limits and retries stand on: connections apart from the data's, so that neither waits behind the other.
 * They are opened when first used. No offline queue, nothing is sent again.
 */
export interface Coordination {
  readonly service: string;
  /** This process's own monotonic time. */
  readonly clock: Clock;
  /** The server's time, as this process knows it. */
  readonly dates: Clock;
  readonly random: Random;
  /** Subscriptions, on the connection that the bus of the cache has. */
  readonly subscriber: RedisSubscriber;
  /**
   * Runs the script for one key. Calls of one tick and one script travel together: in one EVALSHA on one server, in one
   * write for each node of a cluster.
   * @returns what the script says of the key, as many things as its width.
   * @throws {CacheTimeoutError} without an answer in a second: it may have been done, or be done until then.
   * @throws {Error} when Redis is away or refuses.
   */
  run(call: KeyedCall): Promise<readonly unknown[]>;
  /**
   * Runs one script for several keys in one call: all or nothing, as the script says. On a cluster they are in one slot.
   * @returns what the script says of each, in their order. @throws as `run`.
   */
  runTogether(calls: readonly KeyedCall[]): Promise<readonly (readonly unknown[])[]>;
  /** The connections behind `run`. @throws as `LazyConnections`. */
  calls(): Promise<RedisConnections>;
  /** A second set, for commands that block, such as WAIT. @throws as `LazyConnections`. */
  waiting(): Promise<RedisConnections>;
  /** Closes what was opened here. */
  close(): Promise<void>;
}

export interface CoordinationParts {
  readonly service: string;
  readonly clock: Clock;
  readonly dates: ServerClock;
  readonly random: Random;
  /** Shared with the data's connections. */
  readonly limit: ConnectionLimit;
  readonly subscriber: RedisSubscriber;
}

export function coordination(redis: ResolvedRedis, parts: CoordinationParts): Coordination {
  const { service, clock, dates, random, limit } = parts;
  // The boot has shown that Redis is what the options say: from here on it may be away for a while.
  const connect = () => connectRedis({ ...redis, required: false }, { service, clock, random, limit });
  const calls = new LazyConnections(clock, connect);
  const waiting = new LazyConnections(clock, connect);
  let courier: Courier | undefined;
  const opened = async (): Promise<Courier> => {
    const lines = await calls.get();
    return (courier ??= new Courier(lines, {
      clock: dates,
      local: clock,
      learn: (...sample) => dates.learn(...sample),
    }));
  };
  return {
    ...parts,
    run: async (call) => asked(courier ?? (await opened()), call),
    runTogether: async (all) => askedTogether(courier ?? (await opened()), all),
    calls: () => calls.get(),
    waiting: () => waiting.get(),
    close: async () => {
      await Promise.all([calls.close(), waiting.close()]);
    },
  };
}

function asked(courier: Courier, { script, key, args }: KeyedCall): Promise<readonly unknown[]> {
  return new Promise((take, fail) => {
    if (!courier.isReady) throw new NotReady();
    courier.call({ script, key, args, common: '', take, fail });
  });
}

function askedTogether(courier: Courier, calls: readonly KeyedCall[]): Promise<readonly (readonly unknown[])[]> {
  if (!courier.isReady) throw new NotReady();
  const asked: ScriptCall[] = [];
  const answers = calls.map(
    (call) =>
      new Promise<readonly unknown[]>((take, fail) => {
        asked.push({ ...call, common: '', take, fail });
      }),
  );
  courier.together(asked);
  return Promise.all(answers);
}
