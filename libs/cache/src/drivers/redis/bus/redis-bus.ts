import { Attendance } from '../../../core/coherence/attendance.js';
import type { BusListener } from '../../../core/coherence/bus.js';
import { LoopBack } from '../../../core/coherence/loop-back.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { ChannelListener, Ear as Subscriptions } from '../subscriber.js';
import { parseBeat, parseLoadNews, parseNotice } from './notice.js';

export interface BusParts {
  readonly subscriber: Subscriptions;
  readonly clock: Clock;
  readonly channels: readonly string[];
  /** On which nobody but this process hears, what it tells itself. */
  readonly loop: string;
  /** Rejects unless it is known to be sent. Answers in bounded time. */
  readonly publish: (channel: string, message: string) => Promise<unknown>;
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
export function listenToBus(parts: BusParts): Ear {
  const { subscriber, channels, loop, publisher, listener } = parts;
  const attendances = channels.map((channel) => [channel, attendanceFor(parts)] as const);
  const loopBack = loopBackFor(parts);
  const { hears, on } = together([...channels, loop], {
    hears: () => {
      for (const [, attendance] of attendances) attendance.hears();
      loopBack.start();
      listener.hears();
    },
    deaf: (reason) => {
      for (const [, attendance] of attendances) attendance.deaf();
      loopBack.stop();
      listener.deaf(reason);
    },
  });
  const ends = attendances.map(([channel, attendance]) => {
    const hear = (text: string): void => tell(text, { publisher, attendance, listener });
    return subscriber.listen(channel, on(channel, hear));
  });
  const loopEnd = subscriber.listen(
    loop,
    on(loop, (ping) => loopBack.came(ping)),
  );
  const close = (): void => {
    for (const end of [...ends, loopEnd]) end();
    for (const [, attendance] of attendances) attendance.deaf();
    loopBack.stop();
  };
  return { hears, close };
}

/** Several channels as one: it hears while all of them do. */
function together(channels: readonly string[], changed: Pick<BusListener, 'hears' | 'deaf'>) {
  const silent = new Set(channels);
  let first: () => void = () => undefined;
  const hears = new Promise<void>((resolve) => {
    first = resolve;
  });
  const on = (channel: string, hear: (text: string) => void): ChannelListener => ({
    subscribed: () => {
      if (!silent.delete(channel) || silent.size > 0) return;
      changed.hears();
      first();
    },
    lost: (reason) => {
      const wasHearing = silent.size === 0;
      silent.add(channel);
      if (wasHearing) changed.deaf(reason);
    },
    message: (payload) => hear(payload.toString('latin1')),
  });
  return { hears, on };
}

interface Hearing {
  readonly publisher: string;
  readonly attendance: Attendance;
  readonly listener: BusListener;
}

function tell(text: string, { publisher, attendance, listener }: Hearing): void {
  const notice = parseNotice(text);
  if (notice !== undefined) {
    if (notice.publisher === publisher) return;
    // First what it says: a gap doubts what was kept before.
    listener.heard(notice);
    return attendance.heard(notice.publisher, notice.number);
  }
  const beat = parseBeat(text);
  if (beat !== undefined) return beat.publisher === publisher ? undefined : attendance.beat(beat);
  const load = parseLoadNews(text);
  if (load !== undefined) listener.loaded(load.key, load.news);
}

function attendanceFor({ clock, listener }: BusParts): Attendance {
  return new Attendance({ clock, doubts: (gap) => listener.doubts(gap) });
}

/** A connection that delivers nothing is given up: another one, to another node, may. */
function loopBackFor({ clock, loop, publish, publisher, listener, subscriber }: BusParts): LoopBack {
  return new LoopBack({
    clock,
    post: (ping) => publish(loop, ping),
    delay: (ms) => listener.delayed?.(ms),
    lost: () => {
      listener.doubts({ cause: 'unheard', publisher });
      subscriber.renew('SILENT: what this process tells itself does not come back');
    },
  });
}
