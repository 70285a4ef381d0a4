import type { Beat, Notice, NoticeKind } from '../../../core/coherence/bus.js';
import { readFailure } from '../../../core/coherence/failure.js';
import type { LoadNews, LoadWord } from '../../../core/coherence/lease.js';

const KINDS: readonly string[] = ['set', 'expire', 'delete', 'void', 'tag', 'clear'] satisfies readonly NoticeKind[];
// Keys have 512 characters at most; what tells of tags names many of them.
// Counts have 15 digits at most: above 2^53 a number has no next one, and who counts on would never end.
const FORM = /^1 ([\w-]{1,64}) (\d{1,15}) (\w{1,10}) (\d{1,16}) (coord:[\x21-\x7e]{1,4090}|[\x21-\x7e]{1,512})$/;
const BEAT_FORM = /^1 beat ([\w-]{1,64}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (more|last)$/;
const NEWS_FORM = /^1 wake (stored|failed|unfilled)(?::([\w-]{1,4096}))? ([\x21-\x7e]{1,512})$/;

/** Of a reason, as `NEWS_FORM` takes it. */
const LONGEST_REASON = 4_096;

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

/** The key that a message tells of, of whatever kind it is; `undefined` for beats and for what we tell ourselves. */
export function toldOf(message: string): string | undefined {
  if (!message.startsWith('1 ') || message.startsWith('1 beat ')) return undefined;
  return message.slice(message.lastIndexOf(' ') + 1);
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
export function parseLoadNews(message: string): { readonly key: string; readonly news: LoadWord } | undefined {
  const [, news, why, key] = NEWS_FORM.exec(message) ?? [];
  if (news === undefined || key === undefined) return undefined;
  const failure = why === undefined || news !== 'failed' ? undefined : readFailure(parsed(why));
  return { key, news: failure ?? (news as LoadNews) };
}

/** What became of a load, as a script tells it: in front of the key, without a space. */
export function newsText(news: LoadWord): string {
  if (typeof news === 'string') return news;
  const why = Buffer.from(JSON.stringify(news), 'utf8').toString('base64url');
  return why.length > LONGEST_REASON ? 'failed' : `failed:${why}`;
}

function parsed(why: string): unknown {
  try {
    return JSON.parse(Buffer.from(why, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Undefined for what is no notice of ours: a message from outside is untrusted text. */
export function parseNotice(message: string): Notice | undefined {
  const [, publisher, number, kind, assigned, key] = FORM.exec(message) ?? [];
  if (publisher === undefined || key === undefined || !KINDS.includes(kind ?? '')) return undefined;
  return { publisher, number: Number(number), kind: kind as NoticeKind, assigned: Number(assigned), key };
}
