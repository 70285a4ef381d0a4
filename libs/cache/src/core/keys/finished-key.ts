import { CacheKeyError } from '../errors.js';
import { show } from './escape.js';

/** A key without holes, cut into its segments. */
export interface FinishedKey {
  readonly root: 'app' | 'mesh' | 'coord';
  /** Undefined in a short key. */
  readonly service: string | undefined;
  /** The entity of application data, the type of the other two roots, and what follows it. */
  readonly segments: readonly string[];
}

/** What values look like once escaped: text, or one marker of emptiness or absence among literal text. */
const PIECE = /^(?:(?:[\w.~-]|%[0-9A-F]{2})*|[\w.~-]*%[_-][\w.~-]*)$/;
const LITERAL = /^[\w.~,-]+$/;
const ESCAPES = /(?:%[0-9A-F]{2})+/g;
const NEEDLESS = /[\w.~-]/;

/**
 * Cuts a finished key, short or full, and checks that it is spelt the one way `defineKey` would spell it.
 * @throws {CacheKeyError} `KEY_GRAMMAR` naming the segment.
 */
export function cutKey(key: string): FinishedKey {
  if (typeof key !== 'string') throw notText(key);
  const [root, service, ...rest] = key.split(':');
  if (root !== 'app' && root !== 'mesh' && root !== 'coord') {
    return checked(key, { root: 'app', service: undefined, segments: key.split(':') });
  }
  return checked(key, { root, service: service ?? '', segments: rest });
}

function checked(key: string, cut: FinishedKey): FinishedKey {
  const { length } = cut.segments;
  const longest = cut.root === 'app' ? 3 : Infinity;
  if (length < 2 || length > longest)
    throw refused(key, 'a key reads entity:id or entity:id:field, a full one app:{service}:{entity}:{id}:{field?}');
  if (cut.service !== undefined) checkLiteral(key, cut.service, 'service');
  cut.segments.forEach((segment, i) => (i === 0 ? checkLiteral(key, segment, 'entity') : checkSegment(key, segment)));
  return cut;
}

function checkLiteral(key: string, segment: string, what: string): void {
  if (!LITERAL.test(segment))
    throw refused(key, `the ${what} ${show(segment)} holds other than A-Z a-z 0-9 _ . ~ - and ,`);
}

function checkSegment(key: string, segment: string): void {
  if (segment === '') throw refused(key, `a segment is empty (an empty value is written '%_')`);
  for (const piece of segment.split(',')) {
    if (!PIECE.test(piece)) throw refused(key, `${show(segment)} is not escaped: build the key with defineKey(…)`);
    for (const [run] of piece.matchAll(ESCAPES)) checkEscapes(key, run);
  }
}

/** `%41` for 'A' would be a second spelling of one key, and half a character none at all. */
function checkEscapes(key: string, run: string): void {
  const text = decode(run);
  if (text === undefined) throw refused(key, `'${run}' is not UTF-8`);
  const [needless] = NEEDLESS.exec(text) ?? [];
  if (needless !== undefined) throw refused(key, `'${run}' escapes '${needless}', which stands for itself`);
}

function decode(run: string): string | undefined {
  try {
    return decodeURIComponent(run);
  } catch {
    return undefined;
  }
}

function notText(key: unknown): CacheKeyError {
  const hint = typeof key === 'function' ? ': call the definition, productKey({ id })' : '';
  return new CacheKeyError('KEY_GRAMMAR', `a key must be a string, not ${show(key)}${hint}`);
}

function refused(key: string, why: string): CacheKeyError {
  return new CacheKeyError('KEY_GRAMMAR', `key ${show(key)}: ${why}`, { key });
}
