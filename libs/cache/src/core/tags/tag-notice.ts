import type { TagMode } from './tag-store.js';

/** Longest text of a notice: beyond it the tags are left out, and whoever hears it forgets all that he knew of tags. */
export const MAX_NOTICE_LENGTH = 4_096;

/** What a notice says of the tags of a cache. */
export interface TagNews {
  readonly cache: string;
  /** `undefined`: some tags, nobody says which. Empty: all that the cache holds. */
  readonly tags: readonly string[] | undefined;
  readonly mode: TagMode;
}

const FORM = /^coord:([^:|]+):tags:([^:|]+)(?:\|(delete|expire)\|([^|]+(?:\|[^|]+)*))?$/;

/** In the place of tags that are too many to name; no tag has this name. */
const MANY = '*';

/** The key under which the service keeps what was done to the tags of a cache. */
export function tagsKey(service: string, cache: string): string {
  return `coord:${service}:tags:${cache}`;
}

/** How a notice names what was invalidated: the key, then the mode and the tags; of a whole cache the key alone. */
export function tagNoticeText(key: string, { mode, tags }: Omit<TagNews, 'cache'>): string {
  if (tags?.length === 0) return key;
  const head = `${key}|${mode}|`;
  const text = head + (tags ?? [MANY]).join('|');
  return text.length <= MAX_NOTICE_LENGTH ? text : head + MANY;
}

/** Undefined for what tells of no tags of this service: a message from outside is untrusted text. */
export function parseTagNotice(text: string, service: string): TagNews | undefined {
  const [, ofService, cache, mode = 'delete', tags] = FORM.exec(text) ?? [];
  if (ofService !== service || cache === undefined) return undefined;
  return { cache, mode: mode as TagMode, tags: tags === MANY ? undefined : (tags?.split('|') ?? []) };
}
