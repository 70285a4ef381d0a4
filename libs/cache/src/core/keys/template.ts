import { CacheKeyError } from '../errors.js';
import { show } from './escape.js';
import type { HoleKind } from './grammar.js';
import { type Hole, parseHole } from './place.js';

/** A template, read once. */
export interface KeyTemplate {
  /** As it was written. */
  readonly source: string;
  /** Of a full template; undefined means the service it is used in. */
  readonly service: string | undefined;
  readonly entity: string;
  /** The literal text before the first hole; with the holes and what stands after each, the whole template. */
  readonly head: string;
  readonly holes: readonly Hole[];
  /** The template with its holes blanked, `user:{}`: two templates of one shape give the same keys. */
  readonly shape: string;
}

const HOLE = /\{([^}]*)\}/;
const HOLES = /\{[^}]*\}/g;
const LITERAL = /^[\w.~,-]*$/;
const OTHER_ROOTS = new Set(['app', 'mesh', 'coord']);

/**
 * Reads a key template. `kind` says what its holes hold: places in a decorated call, or the names of a definition.
 * @throws {CacheKeyError} `KEY_GRAMMAR`, with the sentence the compiler would have said.
 */
export function parseTemplate(source: string, kind: HoleKind = 'place'): KeyTemplate {
  if (typeof source !== 'string')
    throw new CacheKeyError('KEY_GRAMMAR', `a template must be a string, not ${show(source)}`);
  try {
    return read(source, kind);
  } catch (error) {
    if (!(error instanceof CacheKeyError)) throw error;
    throw new CacheKeyError(error.code, `key template ${show(source)}: ${error.message}`);
  }
}

function read(source: string, kind: HoleKind): KeyTemplate {
  const segments = source.split(':');
  const full = segments[0] === 'app' && (segments.length === 4 || segments.length === 5);
  const [service, entity] = full ? [segments[1], segments[2]] : [undefined, segments[0]];
  if (!full) checkShort(segments);
  if (service !== undefined) checkFixed(service, 'service');
  checkFixed(entity ?? '', 'entity');
  for (const segment of segments.slice(full ? 3 : 1)) checkSegment(segment);

  const [head = '', ...rest] = source.split(HOLE);
  const holes: Hole[] = [];
  for (let i = 0; i < rest.length; i += 2) {
    const text = rest[i] ?? '';
    holes.push({ ...parseHole(text, kind), after: rest[i + 1] ?? '', label: `{${text}} of '${source}'` });
  }
  if (kind === 'name') checkTwice(holes);
  return { source, service, entity: entity ?? '', head, holes, shape: source.replace(HOLES, '{}') };
}

function checkShort(segments: readonly string[]): void {
  if (OTHER_ROOTS.has(segments[0] ?? '')) throw refused('a full key reads app:{service}:{entity}:{id}:{field?}');
  if (segments.length < 2 || segments.length > 3) throw refused('a template reads entity:{id} or entity:{id}:field');
}

function checkFixed(segment: string, what: string): void {
  if (segment.includes('{')) throw refused(`the ${what} '${segment}' must be literal: put the hole into the id`);
  checkSegment(segment);
}

function checkSegment(segment: string): void {
  if (segment === '') throw refused('a segment is empty');
  const literal = segment.replace(HOLES, '');
  if (literal.includes('{') || literal.includes('}')) throw refused(`'${segment}': a brace has no partner`);
  if (!LITERAL.test(literal)) throw refused(`'${segment}': outside holes only A-Z a-z 0-9 _ . ~ - and ,`);
  // One piece between commas holds at most one hole, else two ids could run into one another.
  if (segment.split(',').some((piece) => piece.split('{').length > 2)) {
    throw refused(`'${segment}': put a comma between two holes`);
  }
}

function checkTwice(holes: readonly Hole[]): void {
  const seen = new Set<string>();
  for (const { text, place } of holes) {
    if (place.from === 'context') continue;
    const name = text.replace('?', '');
    if (seen.has(name)) throw refused(`{${text}} stands twice`);
    seen.add(name);
  }
}

function refused(sentence: string): CacheKeyError {
  return new CacheKeyError('KEY_GRAMMAR', sentence);
}
