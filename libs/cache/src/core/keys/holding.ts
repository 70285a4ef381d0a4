import type { ClassOf } from '../shared/class-of.js';
import { shapePattern } from './overlap.js';
import type { KeyTemplate } from './template.js';

/** Written as a method, because whoever asks no longer knows the type of the value. */
type VersionOf = { of(value: unknown): bigint | number | Date }['of'];

/** What a definition says of the values under its keys, whatever their type. */
export interface Holding {
  readonly version?: VersionOf | undefined;
  readonly as?: ClassOf | undefined;
  /** Whether some method of the application keeps the strict promise for these keys, so that all writers must. */
  readonly isStrict?: boolean | undefined;
}

interface Kept {
  readonly holding: Holding;
  readonly pattern: RegExp;
  readonly age: number;
}

/** By `app:{service}:{entity}` or `{entity}` as the template was written, then by shape: the newest of a shape wins. */
const kept = new Map<string, Map<string, Kept>>();
let age = 0;

/** Remembers what the keys of a template hold; nothing is kept for options that say nothing. */
export function rememberHolding({ service, entity, shape }: KeyTemplate, holding: Holding): void {
  if (holding.version === undefined && holding.as === undefined) return;
  const owner = service === undefined ? entity : `app:${service}:${entity}`;
  const shapes = kept.get(owner) ?? new Map<string, Kept>();
  kept.set(owner, shapes.set(shape, { holding, pattern: shapePattern(shape), age: ++age }));
}

/**
 * What the definition of a finished key says of its value: the newest definition with `version` or `as` whose
 * template gives the id. For calls that bring a key and no definition.
 * @param service our own, which short templates belong to.
 */
export function findHolding(id: string, service: string): Holding | undefined {
  if (kept.size === 0) return undefined;
  const foreign = id.startsWith('app:');
  const owner = foreign ? id.split(':', 3).join(':') : id.slice(0, id.indexOf(':'));
  const short = foreign ? undefined : newest(kept.get(owner), id);
  const full = foreign
    ? newest(kept.get(owner), id)
    : newest(kept.get(`app:${service}:${owner}`), `app:${service}:${id}`);
  return (short?.age ?? 0) > (full?.age ?? 0) ? short?.holding : full?.holding;
}

function newest(shapes: ReadonlyMap<string, Kept> | undefined, key: string): Kept | undefined {
  let found: Kept | undefined;
  for (const one of shapes?.values() ?? []) {
    if (one.age > (found?.age ?? 0) && one.pattern.test(key)) found = one;
  }
  return found;
}
