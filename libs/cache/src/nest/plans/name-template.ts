import { CacheConfigError, CacheKeyError } from '../../core/errors.js';
import { parseTemplate, type KeyTemplate } from '../../core/keys/template.js';
import type { ContextHoles } from '../context/context-holes.js';

/** The grammar of keys is that of a segment, behind an entity. */
const ENTITY = 'name:';

/** Of whom a template is, and what it may name. */
export interface NamedBy {
  readonly holes: ContextHoles;
  /** `Class.method`. */
  readonly origin: string;
  /** Why it may not name the result; `undefined`: it may. */
  readonly noResult?: string | undefined;
}

/**
 * Reads the template of a name, of a lock or a tag: segments with holes, as in keys, and no fixed number of them.
 * @throws {CacheKeyError} `KEY_GRAMMAR` for a template that cannot be one.
 * @throws {CacheConfigError} for a `{@name}` that nobody gives a value.
 */
export function nameSegments(template: string, { holes, origin, noResult }: NamedBy): readonly KeyTemplate[] {
  const segments = String(template)
    .split(':')
    .map((segment) => parseTemplate(ENTITY + segment));
  for (const { place, text } of segments.flatMap((segment) => segment.holes)) {
    if (noResult !== undefined && place.from === 'result')
      throw new CacheKeyError('KEY_GRAMMAR', `{${text}}: ${noResult}`);
    if (place.from === 'context' && !holes.names.includes(place.name))
      throw new CacheConfigError(
        `${origin}: nobody gives {@${place.name}} a value. Add it with forRoot({ context: { ${place.name}: (source) => … } }).`,
      );
  }
  return segments;
}

/** A segment as it was built, behind the entity. */
export const bare = (built: string): string => built.slice(ENTITY.length);
