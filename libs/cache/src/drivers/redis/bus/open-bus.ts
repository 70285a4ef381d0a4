import { randomUUID } from 'node:crypto';
import type { BusListener } from '../../../core/coherence/bus.js';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import { NotReady } from '../calls/not-ready.js';
import { wakeChannel } from '../locks/lock-key.js';
import { busChannel } from '../names.js';
import type { RedisConnections } from '../redis-connections.js';
import { within } from '../within.js';
import type { Ear } from '../subscriber.js';
import { Announcements, type Announce } from './announcements.js';
import { listenToBus } from './redis-bus.js';

export interface OpenBusParts {
  readonly connections: Pick<RedisConnections, 'data' | 'isReady'> & { readonly subscriber: Ear };
  readonly service: string;
  readonly foreignServices: readonly string[];
  readonly clock: Clock;
  readonly listener: BusListener;
}

/** Both ends of the bus. */
export interface RedisBus {
  /** Resolves when it hears for the first time. */
  readonly hears: Promise<void>;
  readonly announce: Announce;
  /** Listens no more, and tells the others good-bye: that is not waited for long. */
  close(): Promise<void>;
}

const BYE_MS = 250;

/** Listens to what others change, and counts what this process tells them. */
export function openBus({ connections, service, foreignServices, clock, listener }: OpenBusParts): RedisBus {
  const publisher = randomUUID();
  const publish = (channel: string, message: string): Promise<unknown> => {
    if (!connections.isReady()) return Promise.reject(new NotReady());
    return within(clock, ANSWER_MS, connections.data.call('PUBLISH', channel, message));
  };
  const announcements = new Announcements({ clock, publisher, publish });
  const ear = listenToBus({
    subscriber: connections.subscriber,
    clock,
    channels: [service, ...foreignServices].map(busChannel),
    // A name that the rights for wake-ups cover.
    loop: wakeChannel(service, publisher),
    publish,
    publisher,
    listener,
  });
  const close = async (): Promise<void> => {
    ear.close();
    await within(clock, BYE_MS, announcements.close()).catch(() => undefined);
  };
  return { hears: ear.hears, announce: announcements.announce, close };
}
