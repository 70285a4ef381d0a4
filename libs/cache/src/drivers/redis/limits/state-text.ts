import type { ScopeRule } from '../../../core/limits/limit-store.js';
import type { Meter } from '../../../core/limits/meters/meter.js';
import { newMeter } from '../../../core/limits/meters/new-meter.js';

const texts = new WeakMap<readonly ScopeRule[], string>();

/** Rules as the scripts take them. Lists of rules are not changed, so each is written once. */
export function rulesText(rules: readonly ScopeRule[]): string {
  const known = texts.get(rules);
  if (known !== undefined) return known;
  const text = JSON.stringify(
    rules.map(({ id, algorithm, limit, per, shadow }) => [
      id,
      algorithm === 'leased' ? 'gcra' : algorithm,
      limit,
      per,
      shadow ? 1 : 0,
    ]),
  );
  texts.set(rules, text);
  return text;
}

/**
 * The meters of a stored value, `id=number,number…@end;` for each rule; a rule that it does not name has counted nothing.
 * What others have counted is passed over.
 */
export function metersOf(rules: readonly ScopeRule[], value: string): readonly Meter[] {
  const [only] = rules;
  if (value === '') return rules.map(({ algorithm }) => newMeter(algorithm));
  if (only !== undefined && rules.length === 1 && value.startsWith(`${only.id}=`)) {
    return [newMeter(only.algorithm, numbersOf(value.slice(only.id.length + 1, value.indexOf(';'))))];
  }
  const stored = new Map<string, string>();
  for (const part of value.split(';')) {
    const at = part.indexOf('=');
    if (at > 0) stored.set(part.slice(0, at), part.slice(at + 1));
  }
  return rules.map(({ id, algorithm }) => {
    const text = stored.get(id);
    return newMeter(algorithm, text === undefined ? undefined : numbersOf(text));
  });
}

function numbersOf(text: string): readonly number[] {
  const end = text.indexOf('@');
  return (end < 0 ? text : text.slice(0, end)).split(',').map(Number);
}
