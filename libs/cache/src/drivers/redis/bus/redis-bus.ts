import type { BusListener } from '../../../core/coherence/bus.js';
import type { RedisSubscriber } from '../subscriber.js';
import { parseLoadNews, parseNotice } from './notice.js';

export interface BusParts {
  readonly subscriber: RedisSubscriber;
  readonly channels: readonly string[];
  /** Our own id: what we published we know already. */
  readonly publisher: string;
  readonly listener: BusListener;
}

/** An ear at the bus. */
export interface Ear {
  /** Resolves when it hears for the first time. */
  readonly hears: Promise<void>;
  close(): void;
}

/** Listens to the notices on all channels. It hears once every one is subscribed. */
export function listenToBus({ subscriber, channels, publisher, listener }: BusParts): Ear {
  const silent = new Set(channels);
  let first: () => void = () => undefined;
  const hears = new Promise<void>((resolve) => {
    first = resolve;
  });
  const one = (channel: string) => ({
    subscribed: () => {
      if (!silent.delete(channel) || silent.size > 0) return;
      listener.hears();
      first();
    },
    lost: (reason: string) => {
      const wasHearing = silent.size === 0;
      silent.add(channel);
      if (wasHearing) listener.deaf(reason);
    },
    message: (payload: Buffer) => {
      const text = payload.toString('latin1');
      const load = parseLoadNews(text);
      if (load !== undefined) return listener.loaded(load.key, load.news);
      const notice = parseNotice(text);
      if (notice !== undefined && notice.publisher !== publisher) listener.heard(notice);
    },
  });
  const ends = channels.map((channel) => subscriber.listen(channel, one(channel)));
  const close = () => {
    for (const end of ends) end();
  };
  return { hears, close };
}
