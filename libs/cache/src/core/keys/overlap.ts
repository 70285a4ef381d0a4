import { ABSENT, EMPTY } from './escape.js';
import type { KeyTemplate } from './template.js';

/** A piece between commas: literal text, or what stands before and after its one hole. */
type Piece = readonly [literal: string] | readonly [before: string, after: string];

/**
 * A key that two templates of different shapes can both give, or undefined when there is none. Both must come from
 * one key space. Exact for shapes: a hole never holds ':' or ',' and is never empty, so two templates share a key if
 * and only if they have as many segments and pieces and every pair of pieces shares a text. (Holes that stand for the
 * same value are taken as independent, as everywhere where templates are compared.)
 */
export function overlap(a: KeyTemplate, b: KeyTemplate): string | undefined {
  if (a.shape === b.shape) return undefined;
  const segments = joined(':', joined(',', sharedPiece));
  return segments(a.shape, b.shape);
}

type Shared = (a: string, b: string) => string | undefined;

/** What two texts share when they are cut alike and each pair of parts shares something. */
function joined(by: string, shared: Shared): Shared {
  return (a, b) => {
    const [as, bs] = [a.split(by), b.split(by)];
    const parts = as.map((part, i) => shared(part, bs[i] ?? ''));
    return as.length === bs.length && !parts.includes(undefined) ? parts.join(by) : undefined;
  };
}

function sharedPiece(a: string, b: string): string | undefined {
  const [x, y] = [cut(a), cut(b)];
  if (x.length === 1) return y.length === 1 ? same(a, b) : literalIn(a, y);
  if (y.length === 1) return literalIn(b, x);
  const before = longer(x[0], y[0], (long, short) => long.startsWith(short));
  const after = longer(x[1], y[1], (long, short) => long.endsWith(short));
  return before === undefined || after === undefined ? undefined : `${before}x${after}`;
}

function cut(piece: string): Piece {
  const [before = '', after] = piece.split('{}');
  return after === undefined ? [before] : [before, after];
}

function same(a: string, b: string): string | undefined {
  return a === b ? a : undefined;
}

/** Literal text has no '%', so it can be what a hole gives whenever something is left for the hole. */
function literalIn(literal: string, [before, after = '']: Piece): string | undefined {
  const fits = literal.length > before.length + after.length && literal.startsWith(before) && literal.endsWith(after);
  return fits ? literal : undefined;
}

function longer(a: string, b: string, within: (long: string, short: string) => boolean): string | undefined {
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  return within(long, short) ? long : undefined;
}

const RENDERED = `(?:(?:[\\w.~-]|%[0-9A-F]{2})+|${EMPTY}|${ABSENT})`;

/** Matches the ids that a template of this shape gives. */
export function shapePattern(shape: string): RegExp {
  return new RegExp(`^${shape.replaceAll('.', '\\.').replaceAll('{}', RENDERED)}$`);
}
