import { CacheKeyError } from '../errors.js';
import { show } from '../keys/escape.js';
import { cutKey } from '../keys/finished-key.js';

/** Longest name of a tag, in characters: names travel in every notice. */
export const MAX_TAG_LENGTH = 256;

/** Tags that one template may name in one call: a fan-out over a list that nobody bounds ends there. */
export const MOST_TAGS_A_CALL = 1_000;

const PLAIN = /^[\w.~-]+(?:,[\w.~-]+)*$/;

/**
 * The name of a tag as it was written: one segment, in which a `:` is another spelling of `,`.
 * @throws {CacheKeyError} `KEY_GRAMMAR` for other text, `KEY_TOO_LONG` for over 256 characters.
 */
export function tagName(text: string): string {
  if (typeof text !== 'string') throw refused(text, `a tag must be a string, not ${show(text)}`);
  const name = text.replaceAll(':', ',');
  if (name.length > MAX_TAG_LENGTH) throw tooLong(name);
  if (!PLAIN.test(name)) checkEscaped(text, name);
  return name;
}

/** What a value may look like in a tag is what it looks like in a key. */
function checkEscaped(text: string, name: string): void {
  try {
    cutKey(`tag:${name}`);
  } catch (error) {
    if (!(error instanceof CacheKeyError)) throw error;
    throw refused(
      text,
      `tag ${show(text)} holds other than A-Z a-z 0-9 _ . ~ - and , or is empty: build it with a definition, which escapes its values: defineKey('country:{name}')({ name })`,
    );
  }
}

function refused(text: unknown, message: string): CacheKeyError {
  return new CacheKeyError('KEY_GRAMMAR', message, typeof text === 'string' ? { key: text } : undefined);
}

function tooLong(name: string): CacheKeyError {
  return new CacheKeyError(
    'KEY_TOO_LONG',
    `tag ${show(name)} is ${name.length} characters long, at most ${MAX_TAG_LENGTH} are allowed: put a hash of the long part into it, stableHash(value)`,
  );
}
