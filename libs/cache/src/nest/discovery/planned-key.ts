import { definitionOf } from '../../core/keys/define-key.js';
import type { KeySpace } from '../../core/keys/key-space.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { KeyTemplate } from '../../core/keys/template.js';
import { templateOf } from '../plans/key-binder.js';
import type { MethodPlan } from '../plans/method-plan.js';

/** A template as one decorator uses it. Keys from functions have none, so nothing can be said of them at boot. */
export interface PlannedKey {
  readonly plan: MethodPlan;
  readonly template: KeyTemplate;
  readonly definition: unknown;
  /** `result`: a key of `@RequestCached` or `@Computed`, which no layer sees. */
  readonly use: 'read' | 'write' | 'evict' | 'result';
}

export function keysOf(plan: MethodPlan, keys: KeySpace): PlannedKey[] {
  const planned: PlannedKey[] = [];
  const add = (key: AnyKey | undefined, use: PlannedKey['use']) => {
    const template = key === undefined ? undefined : templateOf(key, keys);
    if (template !== undefined) planned.push({ plan, template, definition: definitionOf(key), use });
  };
  for (const { kind, key } of plan.patterns) add(key, kind === 'readThrough' ? 'read' : 'write');
  for (const { key } of plan.evictions) add(key, 'evict');
  add(plan.requestCached?.key, 'result');
  add(plan.computed?.key, 'result');
  return planned;
}
