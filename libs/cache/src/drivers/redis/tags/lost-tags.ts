import { parseTagNotice } from '../../../core/tags/tag-notice.js';
import type { RedisTagStore } from './redis-tag-store.js';

/**
 * Invalidations of tags among the changes that are made again where a server was lost: there they go by the text of their
 * notice, which no id of an entry looks like.
 */
export const isOfTags = (id: string): boolean => id.startsWith('coord:');

/** The key that such a text begins with. */
export const keyOfTags = (text: string): string => text.split('|', 1)[0] ?? text;

interface OfTags {
  readonly store: RedisTagStore;
  readonly service: string;
}

/** Makes one again that had this number. Whether it was lost. Of one too long to name its tags nobody knows: all are over. */
export function againOfTags({ store, service }: OfTags, text: string, number: number): Promise<boolean> {
  const news = parseTagNotice(text, service);
  if (news === undefined) return Promise.resolve(false);
  const { cache, mode, tags = [] } = news;
  return store.again(cache, { tags, mode }, number);
}
