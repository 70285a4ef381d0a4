import { CacheKeyError } from '../errors.js';
import type { HoleKind } from './grammar.js';

/** Where a hole takes its value from. In a path `'*'` stands for every item of an array. */
export type Place =
  | { readonly from: 'argument'; readonly index: number; readonly path: readonly string[] }
  | { readonly from: 'result'; readonly path: readonly string[] }
  | { readonly from: 'context'; readonly name: string }
  | { readonly from: 'named'; readonly name: string };

/** What the text of a hole says. */
export interface HoleText {
  /** As written, without the braces: `0.id?`. */
  readonly text: string;
  /** Whether absence has a key of its own: a trailing `?`. */
  readonly optional: boolean;
  readonly place: Place;
}

/** One hole of a template. */
export interface Hole extends HoleText {
  /** The literal text between this hole and the next, or the end. */
  readonly after: string;
  /** For messages: `{0.id?} of 'user:{0.id?}'`. */
  readonly label: string;
}

const CONTEXT = /^@([\w.~-]+)$/;
const NAME = /^([A-Za-z_]\w*)\??$/;
const CALL = /^(?:([0-7])|result)(?:\.([^?]+))?\??$/;
const STEP = /^(?:\*|[^ ,?*@{]+)$/;

/**
 * Reads the text of a hole: a place in the call, or (`kind: 'name'`) the name that a definition gives it.
 * @throws {CacheKeyError} `KEY_GRAMMAR`, with the sentence the compiler would have said.
 */
export function parseHole(text: string, kind: HoleKind): HoleText {
  const place = text.startsWith('@') ? contextPlace(text) : kind === 'name' ? namedPlace(text) : callPlace(text);
  return { text, optional: text.endsWith('?'), place };
}

function contextPlace(text: string): Place {
  if (text.endsWith('?')) {
    throw refused(`{${text}}: a context hole takes no '?': a missing value must never become a shared key`);
  }
  const [, name] = CONTEXT.exec(text) ?? [];
  if (name === undefined) throw noPlace(text);
  return { from: 'context', name };
}

function namedPlace(text: string): Place {
  const [, name] = NAME.exec(text) ?? [];
  if (name === undefined) {
    throw refused(`{${text}} is no name: the holes of a definition are named, like {id} or {page?}`);
  }
  return { from: 'named', name };
}

function callPlace(text: string): Place {
  if (text.includes('*') && text.endsWith('?')) throw refused(`{${text}}: a fan-out takes no '?'`);
  const match = CALL.exec(text);
  const path = match?.[2]?.split('.') ?? [];
  if (!match || !path.every((step) => STEP.test(step))) throw noPlace(text);
  return match[1] === undefined ? { from: 'result', path } : { from: 'argument', index: Number(match[1]), path };
}

function noPlace(text: string): CacheKeyError {
  return refused(`{${text}} is no place in the call: write {0} to {7}, {0.id}, {result.id} or {@name}`);
}

function refused(sentence: string): CacheKeyError {
  return new CacheKeyError('KEY_GRAMMAR', sentence);
}
