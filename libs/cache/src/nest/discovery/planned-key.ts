import type { EvictOptions, PerCall } from '../../core/cache/policy.js';
import { definitionOf } from '../../core/keys/define-key.js';
import type { KeySpace } from '../../core/keys/key-space.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { KeyTemplate } from '../../core/keys/template.js';
import { templateOf } from '../plans/key-binder.js';
import { withLevel } from '../plans/levels.js';
import type { MethodPlan } from '../plans/method-plan.js';

/** A template as one decorator uses it. Keys from functions have none, so nothing can be said of them at boot. */
export interface PlannedKey {
  readonly plan: MethodPlan;
  readonly template: KeyTemplate;
  readonly definition: unknown;
  /** `result`: a key of `@RequestCached` or `@Computed`, which no layer sees. */
  readonly use: 'read' | 'write' | 'evict' | 'result';
  /** Of a pattern: what its decorator says. */
  readonly options: PerCall;
  /** Of an eviction. */
  readonly mode?: EvictOptions['mode'];
}

export function keysOf(plan: MethodPlan, keys: KeySpace): PlannedKey[] {
  const planned: PlannedKey[] = [];
  const add = (key: AnyKey | undefined, use: PlannedKey['use'], more: Partial<PlannedKey> = {}) => {
    const template = key === undefined ? undefined : templateOf(key, keys);
    if (template !== undefined)
      planned.push({ plan, template, definition: definitionOf(key), use, options: {}, ...more });
  };
  for (const { kind, key, options } of plan.patterns) {
    // Templates of tags say nothing of the key.
    const { tags: _tags, ...policy } = withLevel(options, plan);
    add(key, kind === 'readThrough' ? 'read' : 'write', { options: policy });
  }
  for (const { key, options } of plan.evictions)
    add(key, 'evict', { options: { level: plan.level }, mode: options.mode });
  add(plan.requestCached?.key, 'result');
  add(plan.computed?.key, 'result');
  return planned;
}
