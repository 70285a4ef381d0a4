import type { Notice, NoticeKind } from '../../../core/coherence/bus.js';
import type { LoadNews } from '../../../core/coherence/fence.js';

const KINDS: readonly string[] = ['set', 'expire', 'delete'] satisfies readonly NoticeKind[];
const FORM = /^1 ([\w-]{1,64}) (\d{1,16}) (\w{1,10}) (\d{1,16}) ([\x21-\x7e]{1,512})$/;
const NEWS_FORM = /^1 wake (stored|failed|unfilled) ([\x21-\x7e]{1,512})$/;

/** The message as a script is given it: all but the version and the key, which the script knows. */
export function noticeHead(publisher: string, number: number, kind: NoticeKind): string {
  return `1 ${publisher} ${number} ${kind} `;
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
