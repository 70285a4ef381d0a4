import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';
import { isGroup } from './option-rules.js';
import type { Groups, Schema } from './option-schema.js';

/**
 * Checks an options object and the groups inside it.
 * @throws {CacheConfigError} with the path, the value and the remedy of everything that is wrong.
 */
export function validateOptions(schema: Schema, options: unknown, where: string): void {
  const problems = isGroup(options) ? problemsOf(schema, options, where) : [wrong(where, options, 'write an object')];
  if (problems.length > 0) throw new CacheConfigError(problems.join('\n'));
}

/** Runs every check and says everything that is wrong. @throws {CacheConfigError} */
export function validateAll(checks: readonly (() => void)[]): void {
  const problems = checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (!(error instanceof CacheConfigError)) throw error;
      return [error.message];
    }
  });
  if (problems.length > 0) throw new CacheConfigError(problems.join('\n'));
}

function problemsOf(schema: Schema, options: Readonly<Record<string, unknown>>, path: string): string[] {
  const filled = Object.assign(new schema(), options);
  const errors = validateSync(filled, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true });
  const own = errors.map((error) => problem(schema, error, path));
  const groups: Groups = 'groups' in schema ? (schema.groups as Groups) : {};
  const inner = Object.entries(groups).flatMap(([name, group]) => {
    const value = options[name];
    return isGroup(value) ? problemsOf(group, value, `${path}.${name}`) : [];
  });
  return [...own, ...inner];
}

function problem(schema: Schema, { property, value, constraints = {} }: ValidationError, path: string): string {
  const at = `${path}.${property}`;
  if ('whitelistValidation' in constraints) return unknownOption(schema, property, at);
  return wrong(at, value, Object.values(constraints)[0] ?? 'see the docs of this option');
}

function wrong(path: string, value: unknown, remedy: string): string {
  return `${path}: ${described(value)} is not valid: ${remedy}.`;
}

function unknownOption(schema: Schema, property: string, at: string): string {
  const names = optionNames(schema);
  const close = names.find((name) => distance(name.toLowerCase(), property.toLowerCase()) <= 2);
  const hint = close === undefined ? `Known options: ${names.join(', ')}.` : `Did you mean '${close}'?`;
  return `${at}: there is no option '${property}'. ${hint}`;
}

function optionNames(schema: Schema): string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(schema, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))];
}

/** Lists and groups as they were written, as far as JSON can tell. */
function described(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shown(value).slice(0, LONGEST_SHOWN);
  try {
    return JSON.stringify(value).slice(0, LONGEST_SHOWN);
  } catch {
    return shown(value);
  }
}

const LONGEST_SHOWN = 120;

/** Edit distance (Levenshtein 1966), row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, char] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (char === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
