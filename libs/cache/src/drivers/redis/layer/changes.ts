import type { NoticeKind } from '../../../core/coherence/bus.js';
import type { Announce, Announcement } from '../bus/announcements.js';
import type { RedisArgument } from '../redis-client.js';
import type { Letters } from '../calls/courier.js';
import type { Script } from '../calls/script.js';
import { noneOfOurs } from '../calls/script-reply.js';
import { writeFailure } from './failures.js';
import type { Sightings } from './sightings.js';

export interface ChangesParts {
  readonly courier: Letters;
  readonly sightings: Sightings;
  /** The full key of an id. */
  readonly fullKey: (id: string) => string;
  /** Where changes of an id are told. */
  readonly channel: (id: string) => string;
  readonly announce: Announce;
  /** Told of the version that a change has given an id. */
  readonly changed: (id: string, assigned: number) => void;
}

/** Gives the message of a change up to the version; '' tells nobody. */
type Notice = (kind: NoticeKind) => string;

/** What a script of ours says of a key that it changed. */
export interface Changed {
  readonly status: number;
  /** The version that the key has now. */
  readonly assigned: number;
}

/** Runs the scripts that change entries: each says a number first, and the assigned version of the key last. */
export class Changes {
  constructor(private readonly parts: ChangesParts) {}

  /**
   * The arguments are asked for only when they are sent, and the message that is among them is answered for.
   * @throws {CacheWriteError | CacheTimeoutError}
   */
  run(script: Script, id: string, args: (notice: Notice) => readonly RedisArgument[]): Promise<Changed> {
    return new Promise((resolve, reject) => {
      const { courier, fullKey, channel, sightings, announce, changed } = this.parts;
      const key = fullKey(id);
      const away = courier.away(key);
      if (away !== undefined) throw writeFailure(key, away);
      let isOver = false;
      let told: Announcement | undefined;
      const notice: Notice = (kind) => (told = announce({ channel: channel(id), key, kind })).head;
      const fail = (error: unknown): void => {
        isOver = true;
        told?.unsure();
        reject(writeFailure(key, error));
      };
      const take = (said: readonly unknown[]): void => {
        isOver = true;
        const [status = NaN, assigned = NaN] = said.map(Number);
        if (!Number.isSafeInteger(status) || !Number.isSafeInteger(assigned)) return fail(noneOfOurs());
        sightings.note(assigned);
        if (status === script.untold) told?.unsure();
        else if (told !== undefined) {
          told.sent();
          changed(id, assigned);
        }
        resolve({ status, assigned });
      };
      courier.call({ key, script, common: channel(id), args: args(notice), isOver: () => isOver, take, fail });
    });
  }
}
