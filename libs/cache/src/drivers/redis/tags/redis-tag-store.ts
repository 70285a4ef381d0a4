import type { NoticeKind } from '../../../core/coherence/bus.js';
import { tagNoticeText, tagsKey } from '../../../core/tags/tag-notice.js';
import {
  MOST_TAGS_KNOWN,
  TAGGED_LIFE_MS,
  type Bump,
  type TagLook,
  type TagStore,
} from '../../../core/tags/tag-store.js';
import type { Announce } from '../bus/announcements.js';
import type { Letters } from '../calls/courier.js';
import type { ScriptCall } from '../calls/question.js';
import { noneOfOurs } from '../calls/script-reply.js';
import { readFailure, writeFailure } from '../layer/failures.js';
import { BUMP_TAGS, BUMPED } from './bump.script.js';
import { LOOK_AT_TAG } from './look.script.js';

export interface RedisTagStoreParts {
  readonly courier: Letters;
  readonly service: string;
  /** Where invalidations are told. */
  readonly channel: string;
  readonly announce: Announce;
  /** Told of what was invalidated, as the notice has it. */
  readonly changed: (text: string, number: number) => void;
  /** Tags remembered in each cache. Default 200,000. */
  readonly limit?: number | undefined;
  /** How long at least, ms. Default 30 days. */
  readonly lifetime?: number | undefined;
}

/** One question to a script, answered with what it says. */
type Asked = Omit<ScriptCall, 'take' | 'fail' | 'common'>;

/** Counts invalidations in Redis: a hash for each named cache, one key an operation. */
export class RedisTagStore implements TagStore {
  constructor(private readonly parts: RedisTagStoreParts) {}

  /**
   * @throws {CacheReadError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  async look(cache: string, tag: string, seen: number): Promise<TagLook> {
    const key = tagsKey(this.parts.service, cache);
    try {
      const said = await this.#ask({ key, script: LOOK_AT_TAG, args: [tag, seen], isBrief: true });
      const [generation = NaN, floor = NaN, expired = NaN, deleted = NaN] = said.map(Number);
      if (![generation, floor, expired, deleted].every(Number.isSafeInteger)) throw noneOfOurs();
      return { generation, floor, expired, deleted };
    } catch (error) {
      throw readFailure(key, error);
    }
  }

  /**
   * @throws {CacheWriteError} when Redis is away or refuses.
   * @throws {CacheTimeoutError} when it does not answer in time.
   */
  async bump(cache: string, bump: Bump): Promise<number> {
    const { number } = await this.#bump(tagsKey(this.parts.service, cache), bump, 0);
    return number;
  }

  /**
   * Makes an invalidation again that had this number, where a server may have lost it. Whether it had.
   * @throws as `bump`.
   */
  async again(cache: string, bump: Omit<Bump, 'seen'>, number: number): Promise<boolean> {
    const key = tagsKey(this.parts.service, cache);
    const { status } = await this.#bump(key, { ...bump, seen: number }, number);
    return status === BUMPED.raised;
  }

  async #bump(key: string, { tags, mode, seen }: Bump, before: number): Promise<{ status: number; number: number }> {
    const { courier, announce, channel, changed, limit = MOST_TAGS_KNOWN, lifetime = TAGGED_LIFE_MS } = this.parts;
    const away = courier.away(key);
    if (away !== undefined) throw writeFailure(key, away);
    const text = tagNoticeText(key, { mode, tags });
    const kind: NoticeKind = tags.length === 0 ? 'clear' : 'tag';
    const told = announce({ channel, key: text, kind });
    const args = [mode, tags.join(' '), before, seen, told.head, text, lifetime * 1_000, limit];
    try {
      const [status = NaN, number = NaN] = (await this.#ask({ key, script: BUMP_TAGS, args })).map(Number);
      if (!Number.isSafeInteger(status) || !Number.isSafeInteger(number)) throw noneOfOurs();
      if (status === BUMP_TAGS.untold) told.unsure();
      else told.sent();
      changed(text, number);
      return { status, number };
    } catch (error) {
      told.unsure();
      throw writeFailure(key, error);
    }
  }

  #ask(asked: Asked): Promise<readonly unknown[]> {
    return new Promise((take, fail) => {
      const { courier, channel } = this.parts;
      const away = courier.away(asked.key);
      if (away !== undefined) throw away;
      courier.call({ ...asked, common: channel, take, fail });
    });
  }
}
