import { ValidateBy, ValidateIf } from 'class-validator';
import { skipsOf, type Skip } from '../../core/cache/keep-rules.js';
import { bytes } from '../../core/shared/byte-size.js';
import { duration } from '../../core/shared/duration.js';

type Check = (value: unknown) => boolean;

/** A rule of one option; `remedy` is what the error tells the user to write. */
function rule(name: string, check: Check, remedy: string): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: check, defaultMessage: () => remedy } });
}

/** The option may be left out. Null is not left out. */
export const Optional = (): PropertyDecorator => ValidateIf((_owner, value) => value !== undefined);

export const Lifetime = (): PropertyDecorator =>
  rule('lifetime', (value) => value === 'forever' || isSpan(value), `${SPAN}, or 'forever'`);

export const LifetimeOrFunction = (): PropertyDecorator =>
  rule(
    'lifetimeOrFunction',
    (value) => typeof value === 'function' || value === 'forever' || isSpan(value),
    `${SPAN}, or 'forever', or a function that finds one in the value`,
  );

export const Span = (): PropertyDecorator => rule('span', isSpan, SPAN);

export const SpanOrNone = (): PropertyDecorator =>
  rule('spanOrNone', (value) => holds(() => duration(value as string) >= 0), `${SPAN}; 0 for none`);

/** More than the hard limit of every command would change nothing. */
const MOST_PATIENCE = '1s';

export const Patience = (): PropertyDecorator =>
  rule(
    'patience',
    (value) => isSpan(value) && duration(value as string) <= duration(MOST_PATIENCE),
    `write milliseconds (100) or a number with a unit ('250ms'), above 0 and at most '${MOST_PATIENCE}'`,
  );

/** Below this a quarter of the budget holds next to nothing. */
const SMALLEST_BUDGET = '16kb';

export const Budget = (): PropertyDecorator =>
  rule(
    'budget',
    (value) => holds(() => bytes(value as string) >= bytes(SMALLEST_BUDGET)),
    `write bytes (1048576) or a number with a unit ('64kb', '256mb', '2gb'), at least '${SMALLEST_BUDGET}'`,
  );

export const Size = (): PropertyDecorator =>
  rule(
    'size',
    (value) => holds(() => bytes(value as string) > 0),
    "write bytes above 0 (65536) or a number with a unit: '64kb', '1mb'",
  );

export const Skips = (): PropertyDecorator =>
  rule(
    'skips',
    (value) => holds(() => (skipsOf(value as readonly Skip[], ''), true)),
    "write a list of 'local', 'shared' and 'store'",
  );

export const Count = (): PropertyDecorator =>
  rule('count', (value) => Number.isSafeInteger(value) && (value as number) > 0, 'write a whole number above 0');

export const CountOrFalse = (): PropertyDecorator =>
  rule(
    'countOrFalse',
    (value) => value === false || (Number.isSafeInteger(value) && (value as number) > 0),
    'write a whole number above 0, or false for no bound',
  );

export const Share = (): PropertyDecorator =>
  rule(
    'share',
    (value) => isAboveZero(value) && value <= 1,
    'write a number above 0, at most 1: 0.01 is one in a hundred',
  );

export const Frequency = (): PropertyDecorator =>
  rule('frequency', (value) => isAboveZero(value) && Number.isFinite(value), 'write a number above 0');

export const GroupOrFalse = (): PropertyDecorator =>
  rule('groupOrFalse', (value) => value === false || isGroup(value), 'write an object, or false for none');

export const GroupOrFlag = (): PropertyDecorator =>
  rule('groupOrFlag', (value) => typeof value === 'boolean' || isGroup(value), 'write true, false or an object');

export const Scope = (): PropertyDecorator =>
  rule(
    'scope',
    (value) => typeof (value as { current?: unknown } | null)?.current === 'function',
    'write { current: () => the transaction under way, or undefined }',
  );

export const OneOf = (...words: readonly string[]): PropertyDecorator =>
  rule('oneOf', (value) => words.includes(value as string), `write ${words.map((word) => `'${word}'`).join(' or ')}`);

export const Segment = (): PropertyDecorator =>
  rule('segment', isSegment, `write one word of A-Z a-z 0-9 _ . ~ - such as 'lake': it stands in every key`);

export const Segments = (): PropertyDecorator =>
  rule(
    'segments',
    (value) => Array.isArray(value) && value.every(isSegment),
    "write a list of words of A-Z a-z 0-9 _ . ~ -, such as ['lake']",
  );

export const Text = (): PropertyDecorator =>
  rule('text', (value) => typeof value === 'string' && value !== '', 'write text in quotes');

export const Texts = (): PropertyDecorator =>
  rule(
    'texts',
    (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== ''),
    "write a list of texts, such as ['country:{0}']",
  );

export const ClassReference = (): PropertyDecorator =>
  rule('classReference', (value) => typeof value === 'function' && 'prototype' in value, 'write a class: { as: User }');

export const Predicate = (): PropertyDecorator =>
  rule('predicate', (value) => typeof value === 'function', 'write a function: (error) => …');

export const Flag = (): PropertyDecorator => rule('flag', (value) => typeof value === 'boolean', 'write true or false');

export const Group = (): PropertyDecorator => rule('group', isGroup, 'write an object');

export const Functions = (): PropertyDecorator =>
  rule(
    'functions',
    (value) =>
      isGroup(value) && Object.entries(value).every(([name, hole]) => isSegment(name) && typeof hole === 'function'),
    'write an object of functions: { tenant: (source) => … }',
  );

const SPAN = "write milliseconds (250) above 0 or a number with a unit: '250ms', '5s', '10m', '1h', '7d'";

function isAboveZero(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

function isSpan(value: unknown): boolean {
  return holds(() => duration(value as string) > 0);
}

function isSegment(value: unknown): boolean {
  return typeof value === 'string' && /^[\w.~-]+$/.test(value);
}

export function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
