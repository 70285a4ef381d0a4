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

/** The meters of a stored value, `id=number,number…;` for each rule; a rule that it does not name has counted nothing. */
export function metersOf(rules: readonly ScopeRule[], value: string): readonly Meter[] {
  const [only] = rules;
  if (value === '') return rules.map(({ algorithm }) => newMeter(algorithm));
  if (only !== undefined && rules.length === 1 && value.startsWith(`${only.id}=`)) {
    const text = value.slice(only.id.length + 1, value.indexOf(';'));
    return [newMeter(only.algorithm, text.split(',').map(Number))];
  }
  const stored = new Map<string, readonly number[]>();
  for (const part of value.split(';')) {
    const at = part.indexOf('=');
    if (at > 0)
      stored.set(
        part.slice(0, at),
        part
          .slice(at + 1)
          .split(',')
          .map(Number),
      );
  }
  return rules.map(({ id, algorithm }) => newMeter(algorithm, stored.get(id)));
}
