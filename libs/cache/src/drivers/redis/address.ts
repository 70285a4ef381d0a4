import type { HostPort } from './redis-option.js';

/** What the text of an address says. */
export interface Address extends HostPort {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
  readonly db: number | undefined;
  /** 4 or 6: the only kind of address the name is looked up for. */
  readonly family: number | undefined;
}

const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;
const KNOWN_SCHEME = /^rediss?:\/\//i;

/** `redis://user:password@host:6379/0`, `rediss://…`, `host:6379` or `host`; `undefined` for anything else. */
export function parseAddress(text: string, defaultPort: number): Address | undefined {
  if (SCHEME.test(text) && !KNOWN_SCHEME.test(text)) return undefined;
  const url = parseUrl(KNOWN_SCHEME.test(text) ? text : `redis://${text}`);
  if (url === undefined || url.hostname === '' || url.hash !== '') return undefined;
  const numbers = numbersOf(url);
  if (numbers === undefined) return undefined;
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    username: decoded(url.username),
    password: decoded(url.password),
    tls: url.protocol === 'rediss:',
    ...numbers,
  };
}

/**
 * An address as it may stand in a message. Whatever may hold a password is left out: all before the last `@`, and the
 * whole of a text that does not look like an address.
 */
export function shownAddress(text: string): string {
  const [, scheme = '', rest = ''] = /^([a-z]+:\/\/)?(.*)$/is.exec(text) ?? [];
  const at = rest.lastIndexOf('@');
  const place = rest.slice(at + 1).replace(/[?#].*$/s, '');
  if (!/^(?:[\w.-]+|\[[\d:a-f.]+\])(?::\d{0,6})?(?:\/\d*)?$/i.test(place)) return `a text of ${text.length} characters`;
  return `"${scheme}${at < 0 ? '' : '***@'}${place}"`;
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    decodeURIComponent(url.username + url.password);
    return /\s/.test(text) ? undefined : url;
  } catch {
    return undefined;
  }
}

function decoded(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part);
}

/** The path is the database; `db` and `family` are all that may follow behind a question mark. */
function numbersOf({ pathname, searchParams }: URL): Pick<Address, 'db' | 'family'> | undefined {
  if ([...searchParams.keys()].some((name) => name !== 'db' && name !== 'family')) return undefined;
  const [, path] = /^\/?(\d*)\/?$/.exec(pathname) ?? [];
  const db = searchParams.get('db') ?? path;
  const family = searchParams.get('family') ?? '';
  if (db === undefined || !/^\d*$/.test(db) || !/^[046]?$/.test(family)) return undefined;
  return { db: db === '' ? undefined : Number(db), family: Number(family) === 0 ? undefined : Number(family) };
}
