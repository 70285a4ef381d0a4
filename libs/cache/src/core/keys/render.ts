import { ABSENT, escapePart } from './escape.js';
import type { Hole } from './place.js';
import type { KeyTemplate } from './template.js';

/**
 * The key of a template with these values for its holes, in their order; a finished key as long as it is not too
 * long, which only the key space can tell.
 * @throws {CacheKeyError} `KEY_VALUE` for a value no key can hold.
 */
export function renderKey(template: KeyTemplate, values: readonly unknown[]): string {
  let key = template.head;
  let index = 0;
  for (const hole of template.holes) key += renderHole(hole, values[index++]) + hole.after;
  return key;
}

/** The text of one hole: the escaped value, or the mark of absence where the hole admits it. */
export function renderHole(hole: Hole, value: unknown): string {
  return hole.optional && (value === undefined || value === null) ? ABSENT : escapePart(value, hole.label);
}
