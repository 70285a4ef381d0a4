import { CacheKeyError } from '../../core/errors.js';
import { ABSENT, escapePart } from '../../core/keys/escape.js';
import type { Hole } from '../../core/keys/place.js';
import { readPlace } from '../../core/keys/read-place.js';
import { renderHole } from '../../core/keys/render.js';
import { parseTemplate } from '../../core/keys/template.js';
import { addressBlock } from '../../core/limits/address-block.js';
import type { ContextHoles } from '../context/context-holes.js';

/** Who a request is counted as under a template, as one segment of a key. */
export interface LimitKey {
  /** Its `{@name}` holes. */
  readonly context: readonly string[];
  /** Whether it needs the arguments of the call. */
  readonly needsArguments: boolean;
  /** @throws {CacheKeyError} for a value no key can hold, or a `{@name}` without one. */
  of(args: readonly unknown[]): string;
}

/** The grammar of keys is that of templates, behind an entity. */
const ENTITY = 'limit:';

/** All together: a rule without a key. */
const EVERYBODY: LimitKey = { context: [], needsArguments: false, of: () => ABSENT };

/** @throws {CacheKeyError} `KEY_GRAMMAR` for a template that cannot be one. */
export function limitKey(template: string | undefined, holes: ContextHoles): LimitKey {
  if (template === undefined) return EVERYBODY;
  const parsed = parseTemplate(ENTITY + template.replaceAll(':', ','));
  const late = parsed.holes.find(({ place }) => place.from === 'result');
  if (late !== undefined) {
    throw new CacheKeyError('KEY_GRAMMAR', `{${late.text}}: a limit is decided before the call. Name an argument.`);
  }
  const head = parsed.head.slice(ENTITY.length);
  const readers = parsed.holes.map((hole) => reader(hole, holes));
  return {
    context: parsed.holes.flatMap(({ place }) => (place.from === 'context' ? [place.name] : [])),
    needsArguments: parsed.holes.some(({ place }) => place.from === 'argument'),
    of: (args) => {
      let key = head;
      for (const [at, read] of readers.entries()) key += read(args) + (parsed.holes[at]?.after ?? '');
      return key;
    },
  };
}

/** A value that stands for the whole key. */
export function identityOf(value: unknown): string {
  return escapePart(value, 'the identity of a limit');
}

function reader(hole: Hole, holes: ContextHoles): (args: readonly unknown[]) => string {
  const { place } = hole;
  if (place.from !== 'context') return (args) => renderHole(hole, readPlace(hole, args));
  const value = () => renderHole(hole, holes.value(place.name));
  const address = () => renderHole(hole, addressBlock(String(holes.value('ip'))));
  if (place.name === 'ip') return address;
  if (place.name !== 'user') return value;
  return () => {
    try {
      return value();
    } catch (error) {
      if (!(error instanceof CacheKeyError) || error.code !== 'KEY_CONTEXT') throw error;
      // No user has a comma in his id: it would be escaped.
      return `ip,${address()}`;
    }
  };
}
