import type { Beat, Notice, NoticeKind } from '../../../core/coherence/bus.js';
import type { LoadNews } from '../../../core/coherence/lease.js';

const KINDS: readonly string[] = ['set', 'expire', 'delete', 'void'] satisfies readonly NoticeKind[];
// Counts have 15 digits at most: above 2^53 a number has no next one, and who counts on would never end.
const FORM = /^1 ([\w-]{1,64}) (\d{1,15}) (\w{1,10}) (\d{1,16}) ([\x21-\x7e]{1,512})$/;
const BEAT_FORM = /^1 beat ([\w-]{1,64}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (more|last)$/;
const NEWS_FORM = /^1 wake (stored|failed|unfilled) ([\x21-\x7e]{1,512})$/;

/** The message as a script is given it: all but the version and the key, which the script knows. */
export function noticeHead(publisher: string, number: number, kind: NoticeKind): string {
  return `1 ${publisher} ${number} ${kind} `;
}

/** A whole message, for what no script sends. */
export function noticeText({ publisher, number, kind, assigned, key }: Notice): string {
  return `${noticeHead(publisher, number, kind)}${assigned} ${key}`;
}

export function beatText({ publisher, from, age, settled, taken, isLast }: Beat): string {
  return `1 beat ${publisher} ${from} ${Math.ceil(age)} ${settled} ${taken} ${isLast ? 'last' : 'more'}`;
}

/** Undefined for what is no beat: a message from outside is untrusted text. */
export function parseBeat(message: string): Beat | undefined {
  const [, publisher, from, age, settled, taken, then] = BEAT_FORM.exec(message) ?? [];
  if (publisher === undefined) return undefined;
  return {
    publisher,
    from: Number(from),
    age: Number(age),
    settled: Number(settled),
    taken: Number(taken),
    isLast: then === 'last',
  };
}

/** Undefined for what tells of no load: a message from outside is untrusted text. */
export function parseLoadNews(message: string): { readonly key: string; readonly news: LoadNews } | undefined {
  const [, news, key] = NEWS_FORM.exec(message) ?? [];
  return news === undefined || key === undefined ? undefined : { key, news: news as LoadNews };
}

/** Undefined for what is no notice of ours: a message from outside is untrusted text. */
export function parseNotice(message: string): Notice | undefined {
  const [, publisher, number, kind, assigned, key] = FORM.exec(message) ?? [];
  if (publisher === undefined || key === undefined || !KINDS.includes(kind ?? '')) return undefined;
  return { publisher, number: Number(number), kind: kind as NoticeKind, assigned: Number(assigned), key };
}
