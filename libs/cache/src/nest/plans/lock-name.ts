import { readPlace } from '../../core/keys/read-place.js';
import { renderKey } from '../../core/keys/render.js';
import type { KeyTemplate } from '../../core/keys/template.js';
import type { ContextHoles } from '../context/context-holes.js';
import { bare, nameSegments } from './name-template.js';

/** The name of the lock of a call, from its arguments. @throws {CacheKeyError} for a value no key can hold. */
export type LockNamer = (args: readonly unknown[]) => string;

/** Reads the template of a lock's name. @throws as `nameSegments`. */
export function lockName(template: string, holes: ContextHoles, origin: string): LockNamer {
  const noResult = 'a lock is taken before the call. Name an argument.';
  const segments = nameSegments(template, { holes, origin, noResult });
  return (args) => segments.map((segment) => rendered(segment, args, holes)).join(':');
}

function rendered(segment: KeyTemplate, args: readonly unknown[], holes: ContextHoles): string {
  const values = segment.holes.map((hole) =>
    hole.place.from === 'context' ? holes.value(hole.place.name) : readPlace(hole, args),
  );
  return bare(renderKey(segment, values));
}
