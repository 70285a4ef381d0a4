import { ownCopy, revive, sharedView } from '../entry/views.js';
import type { Kept } from '../layers/layer.js';
import type { Outcome } from './outcome.js';
import type { CallRules } from './rules.js';

/** Completes the rules of a call with the function that hands out under them. */
export function withDelivery(rules: Omit<CallRules, 'deliver'>): CallRules {
  return { ...rules, deliver: (outcome) => deliver(outcome, rules) };
}

function deliver(outcome: Outcome, rules: Omit<CallRules, 'deliver'>): unknown {
  switch (outcome.kind) {
    case 'kept':
      return view(outcome.kept, rules);
    case 'nothing':
      return undefined;
    case 'refused':
      if (rules.origin !== undefined) return outcome.loaded;
      throw outcome.error;
    default:
      return outcome satisfies never;
  }
}

/** One caller's view of a kept value. */
export function view(kept: Kept, rules: Pick<CallRules, 'isolation' | 'as'>): unknown {
  if (rules.isolation === 'copy') {
    const own = ownCopy(kept.value);
    return rules.as === undefined ? own : revive(own, rules.as, 'copy');
  }
  const shared = kept.shareable ? kept.value : sharedView(kept.value);
  return rules.as === undefined ? shared : revive(shared, rules.as, 'frozen');
}
