import { CacheConfigError, CacheKeyError } from '../../core/errors.js';
import { readPlace } from '../../core/keys/read-place.js';
import { renderKey } from '../../core/keys/render.js';
import { parseTemplate, type KeyTemplate } from '../../core/keys/template.js';
import type { ContextHoles } from '../context/context-holes.js';

/** The name of the lock of a call, from its arguments. @throws {CacheKeyError} for a value no key can hold. */
export type LockNamer = (args: readonly unknown[]) => string;

/** The grammar of keys is that of a segment, behind an entity. */
const ENTITY = 'lock:';

/**
 * Reads the template of a lock's name: segments with holes, as in keys, and no fixed number of them.
 * @throws {CacheKeyError} `KEY_GRAMMAR` for a template that cannot be one.
 * @throws {CacheConfigError} for a `{@name}` that nobody gives a value.
 */
export function lockName(template: string, holes: ContextHoles, origin: string): LockNamer {
  const segments = String(template)
    .split(':')
    .map((segment) => parseTemplate(ENTITY + segment));
  for (const { place, text } of segments.flatMap((segment) => segment.holes)) {
    if (place.from === 'result')
      throw new CacheKeyError('KEY_GRAMMAR', `{${text}}: a lock is taken before the call. Name an argument.`);
    if (place.from === 'context' && !holes.names.includes(place.name))
      throw new CacheConfigError(
        `${origin}: nobody gives {@${place.name}} a value. Add it with forRoot({ context: { ${place.name}: (source) => … } }).`,
      );
  }
  return (args) => segments.map((segment) => rendered(segment, args, holes)).join(':');
}

function rendered(segment: KeyTemplate, args: readonly unknown[], holes: ContextHoles): string {
  const values = segment.holes.map((hole) =>
    hole.place.from === 'context' ? holes.value(hole.place.name) : readPlace(hole, args),
  );
  return renderKey(segment, values).slice(ENTITY.length);
}
