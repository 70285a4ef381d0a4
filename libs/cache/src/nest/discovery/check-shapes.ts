import { CacheConfigError } from '../../core/errors.js';
import { overlap } from '../../core/keys/overlap.js';
import { nameOf } from '../plans/method-plan.js';
import type { PlannedKey } from './planned-key.js';

/**
 * Different shapes must not give one key, and readers of one shape must agree on what it holds.
 * @throws {CacheConfigError}
 */
export function checkShapes(keys: readonly PlannedKey[]): void {
  const shapes = new Map<string, PlannedKey>();
  for (const key of keys) if (!shapes.has(key.template.shape)) shapes.set(key.template.shape, key);
  const distinct = [...shapes.values()];
  for (const [at, one] of distinct.entries()) {
    for (const other of distinct.slice(at + 1)) checkApart(one, other);
  }
  checkReaders(keys.filter(({ use }) => use === 'read'));
}

function checkApart(one: PlannedKey, other: PlannedKey): void {
  if (one.template.entity !== other.template.entity) return;
  const witness = overlap(one.template, other.template);
  if (witness === undefined) return;
  throw new CacheConfigError(
    `${nameOf(one.plan)}: '${one.template.source}' and ${nameOf(other.plan)}: '${other.template.source}' can give one key, such as '${witness}', for two different things. Set them apart by a literal: 'list,{0}', or by the field: '…:all'.`,
  );
}

function checkReaders(readers: readonly PlannedKey[]): void {
  const first = new Map<string, PlannedKey>();
  for (const reader of readers) {
    const known = first.get(reader.template.shape) ?? reader;
    first.set(reader.template.shape, known);
    if (known.plan === reader.plan || (known.definition !== undefined && known.definition === reader.definition))
      continue;
    throw new CacheConfigError(
      `${nameOf(known.plan)} and ${nameOf(reader.plan)} both read '${reader.template.shape}' and may not mean the same value. Let them share one definition: const key = defineKey('…').holds<T>().`,
    );
  }
}
