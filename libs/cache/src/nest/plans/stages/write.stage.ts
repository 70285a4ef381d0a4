import type { CallRules } from '../../../core/cache/rules.js';
import { CacheError } from '../../../core/errors.js';
import { isOverridden } from '../../services/datapunk-cache.service.js';
import { callRules } from '../call-rules.js';
import { bindKey, isKnownBefore } from '../key-binder.js';
import type { WritePlan } from '../method-plan.js';
import { isBeforeCall, placeReader } from '../place-reader.js';
import type { RuntimeParts, Site, Stage } from '../stage.js';

/** Runs the method, which changes the source, then keeps the value it leaves. */
export function writeStage(write: WritePlan, site: Site): Stage {
  const { origin, parts, next } = site;
  const { cache, service } = parts;
  const call = writeCall(write, origin, parts);
  if (!isKnownBefore(call.key)) return settleStage(call, site);

  return async (self, args) => {
    const id = call.key.id(args);
    const save = async () => next(self, args);
    if (isOverridden(service, write.kind)) return overridden(write, { id, save, value: call.before?.(args) }, parts);
    let result: unknown;
    const rules = call.rulesFor(id, args, () => result);
    if (call.before !== undefined) cache.check(id, call.before(args), rules);
    const run = {
      rules,
      save: async () => {
        result = await save();
        return result;
      },
      value: () => call.valueOf(args, result),
    };
    return write.kind === 'writeThrough' ? cache.write(id, run) : cache.update(id, run);
  };
}

const DECORATORS = { writeThrough: 'WriteThrough', cacheAside: 'CacheAside' } as const;

type WriteCall = ReturnType<typeof writeCall>;

/** What one decorated write needs on every call. */
function writeCall(write: WritePlan, origin: string, { cache, holes }: RuntimeParts) {
  const { rules: book } = cache.parts;
  const { value = 'result', version, as, ...policy } = write.options;
  const key = bindKey(write.key, { cache, holes });
  const valueOf = placeReader(value, `value on ${origin}`);
  const versionOf = version === undefined ? undefined : placeReader(version, `version on ${origin}`);
  const call = { options: { ...policy, as }, where: `@${DECORATORS[write.kind]} on ${origin}`, origin };
  const rulesById = callRules(key, book, call);
  const rulesFor = (id: string, args: readonly unknown[], result: () => unknown): CallRules => {
    const rules = rulesById(id);
    if (versionOf === undefined) return rules;
    return { ...rules, version: () => versionOf(args, result()) as bigint | number | Date };
  };
  const before = isBeforeCall(value) ? (args: readonly unknown[]) => valueOf(args, undefined) : undefined;
  return { key, valueOf, rulesFor, before };
}

/** The key comes from the result, so the source is changed before it is known and nothing may fail the call any more. */
function settleStage({ key, valueOf, rulesFor }: WriteCall, { origin, parts, next }: Site): Stage {
  const { cache } = parts;
  return async (self, args) => {
    const result = await next(self, args);
    try {
      const id = key.id(args, result);
      cache.settle(
        id,
        valueOf(args, result),
        rulesFor(id, args, () => result),
      );
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      cache.parts.events.emit({ type: 'uncached', method: origin, error });
    }
    return result;
  };
}

interface OverriddenWrite {
  readonly id: string;
  readonly save: () => Promise<unknown>;
  readonly value: unknown;
}

/** An application's own service does what it likes, with what a service is given. */
function overridden(write: WritePlan, call: OverriddenWrite, { cache, service }: RuntimeParts): Promise<unknown> {
  const key = cache.parts.keys.full(call.id);
  return write.kind === 'writeThrough'
    ? service.writeThrough(key, call.value, call.save)
    : service.cacheAside(key, call.save);
}
