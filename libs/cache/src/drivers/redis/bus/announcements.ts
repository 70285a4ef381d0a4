import type { NoticeKind } from '../../../core/coherence/bus.js';
import { Outbox } from '../../../core/coherence/outbox.js';
import type { Clock } from '../../../core/shared/clock.js';
import { beatText, noticeHead, noticeText } from './notice.js';

/** A message that a script sends when it changes a key. */
export interface Announcement {
  /** The message up to the version; '' tells nobody. */
  readonly head: string;
  /** The script has run. */
  sent(): void;
  /** Nobody knows whether it has. */
  unsure(): void;
}

/** Of a change: where it is told, of which full key, and what it is. */
export interface Change {
  readonly channel: string;
  readonly key: string;
  readonly kind: NoticeKind;
}

export type Announce = (change: Change) => Announcement;

export interface AnnouncementsParts {
  readonly clock: Clock;
  readonly publisher: string;
  /** Rejects unless it is known to be sent. Answers in bounded time. */
  readonly publish: (channel: string, message: string) => Promise<unknown>;
}

/** What this process tells the others, numbered on each channel. */
export class Announcements {
  readonly #outboxes = new Map<string, Outbox>();

  constructor(private readonly parts: AnnouncementsParts) {}

  announce: Announce = ({ channel, key, kind }) => {
    const outbox = this.#outboxOf(channel);
    const number = outbox.take(key);
    return {
      head: noticeHead(this.parts.publisher, number, kind),
      sent: () => outbox.settle(number),
      unsure: () => outbox.void(number),
    };
  };

  /** Says good-bye on every channel. */
  async close(): Promise<void> {
    await Promise.all([...this.#outboxes.values()].map((outbox) => outbox.close()));
  }

  #outboxOf(channel: string): Outbox {
    const known = this.#outboxes.get(channel);
    if (known !== undefined) return known;
    const { clock, publisher, publish } = this.parts;
    const outbox = new Outbox({
      clock,
      publisher,
      post: (message) => publish(channel, 'kind' in message ? noticeText(message) : beatText(message)),
    });
    this.#outboxes.set(channel, outbox);
    return outbox;
  }
}
