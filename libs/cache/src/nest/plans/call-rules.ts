import type { CallOptions, Rulebook } from '../../core/cache/rulebook.js';
import type { CallRules } from '../../core/cache/rules.js';
import type { BoundKey } from './key-binder.js';

/** Ids whose rules are remembered for one method. Beyond it all are forgotten. */
const REMEMBERED = 10_000;

/**
 * The rules of a decorated method's calls: always the same where the key has a template; by id where a function builds
 * the key, because only then is its entity known.
 */
export function callRules(
  key: Pick<BoundKey, 'template' | 'holding'>,
  rules: Rulebook,
  call: CallOptions,
): (id: string) => CallRules {
  if (key.template !== undefined) {
    const fixed = rules.forCall(key.template.entity, key.holding, call);
    return () => fixed;
  }
  rules.forCall('', {}, call);
  const known = new Map<string, CallRules>();
  return (id) => known.get(id) ?? learn(id);

  function learn(id: string): CallRules {
    if (known.size >= REMEMBERED) known.clear();
    const found = rules.forId(id, call);
    known.set(id, found);
    return found;
  }
}
