import { CacheConfigError } from '../errors.js';
import { shown } from '../shared/shown.js';
import { tagName } from './tag-name.js';
import type { TagsOf } from './tagging.js';

/** Tags as a service's caller writes them: a list, or a function of the value. */
export type TagsGiven = readonly string[] | ((value: never) => readonly string[]);

/**
 * What gives each value its tags.
 * @throws {CacheConfigError} for anything but a list or a function. @throws {CacheKeyError} for what is no tag.
 */
export function tagsOption(given: TagsGiven | undefined, where: string): TagsOf | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'function') return given as TagsOf;
  const names = tagList(given, `${where}.tags`);
  return names.length === 0 ? undefined : () => names;
}

/** A list of tags that was written down. @throws as `tagsOption`. */
export function tagList(given: unknown, option: string): readonly string[] {
  if (!Array.isArray(given)) {
    throw new CacheConfigError(`${option}: ${shown(given)} is no list of tags. Write one, such as ['country:de'].`);
  }
  return [...new Set(given.map((tag: unknown) => tagName(tag as string)))];
}

/** Level `strict` promises what nobody confirms of tags. */
export function tagsUnderStrict(where: string): CacheConfigError {
  return new CacheConfigError(
    `${where}: tags under level 'strict'. What invalidates a tag is not confirmed for each of its keys, so the promise would not hold. Drop the tags, or the level.`,
  );
}
