import { renderKeys } from '../../core/keys/fan-out.js';
import type { KeyTemplate } from '../../core/keys/template.js';
import { MOST_TAGS_A_CALL } from '../../core/tags/tag-name.js';
import { CacheConfigError } from '../../core/errors.js';
import type { ContextHoles } from '../context/context-holes.js';
import { bare, nameSegments } from './name-template.js';

/** The tags of a call, from its arguments and its result. @throws {CacheKeyError} for a value no tag can hold. */
export interface TagNames {
  /** Whether they need nothing of the result. */
  readonly isEarly: boolean;
  of(args: readonly unknown[], result?: unknown): readonly string[];
}

/** Reads the templates of tags. `undefined`: there are none. @throws as `nameSegments`. */
export function tagNames(
  templates: readonly string[] | undefined,
  holes: ContextHoles,
  origin: string,
): TagNames | undefined {
  if (templates === undefined || templates.length === 0) return undefined;
  const read = templates.map((template) => nameSegments(template, { holes, origin }));
  const isEarly = read.flat().every((segment) => segment.holes.every(({ place }) => place.from !== 'result'));
  const of = (args: readonly unknown[], result?: unknown): readonly string[] =>
    holes.during(() => read.flatMap((segments) => everyName(segments, args, result)));
  return { isEarly, of };
}

/** Segments that fan out give every combination. */
function everyName(segments: readonly KeyTemplate[], args: readonly unknown[], result: unknown): readonly string[] {
  let names: readonly string[] = [''];
  for (const segment of segments) {
    const texts = renderKeys(segment, args, result).map(bare);
    names = names.flatMap((name) => texts.map((text) => (name === '' ? text : `${name}:${text}`)));
    if (names.length > MOST_TAGS_A_CALL) throw tooMany(names.length);
  }
  return names;
}

function tooMany(count: number): CacheConfigError {
  return new CacheConfigError(
    `tags: one template names ${count} tags in this call, at most ${MOST_TAGS_A_CALL} are allowed. Name what the entries have in common.`,
  );
}
