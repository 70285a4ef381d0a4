import type { CallRules } from '../../../core/cache/rules.js';
import { CacheError, CacheWriteError } from '../../../core/errors.js';
import { isOverridden } from '../../services/datapunk-cache.service.js';
import { callRules } from '../call-rules.js';
import { bindKey, isKnownBefore } from '../key-binder.js';
import { withLevel } from '../levels.js';
import type { WritePlan } from '../method-plan.js';
import { isBeforeCall, placeReader } from '../place-reader.js';
import type { RuntimeParts, Site, Stage } from '../stage.js';
import { tagNames } from '../tag-names.js';

/** Runs the method, which changes the source, then keeps the value it leaves. */
export function writeStage(planned: WritePlan, site: Site): Stage {
  const { origin, parts, next } = site;
  const write = { ...planned, options: withLevel(planned.options, site.plan) };
  const { cache, service } = parts;
  const call = writeCall(write, origin, parts);
  if (!isKnownBefore(call.key)) return settleStage(call, site);

  return async (self, args) => {
    const id = call.key.id(args);
    let result: unknown;
    const save = async () => {
      result = await next(self, args);
      return result;
    };
    const value = () => call.valueOf(args, result);
    if (isOverridden(service, write.kind)) {
      await overridden(write, { id, save, value, before: call.before?.(args) }, parts);
      return result;
    }
    const rules = call.rulesFor(id, args, () => result);
    if (call.before !== undefined) cache.check(id, call.before(args), rules);
    const run = { rules, save, value };
    return write.kind === 'writeThrough' ? cache.write(id, run) : cache.update(id, run);
  };
}

const DECORATORS = { writeThrough: 'WriteThrough', cacheAside: 'CacheAside' } as const;

type WriteCall = ReturnType<typeof writeCall>;

/** What one decorated write needs on every call. */
function writeCall(write: WritePlan, origin: string, { cache, holes }: RuntimeParts) {
  const { rules: book } = cache.parts;
  const { value = 'result', version, as, tags: templates, ...policy } = write.options;
  const tags = tagNames(templates, holes, origin);
  const key = bindKey(write.key, { cache, holes });
  const valueOf = placeReader(value, `value on ${origin}`);
  const versionOf = version === undefined ? undefined : placeReader(version, `version on ${origin}`);
  const given = tags && (() => []);
  const call = { options: { ...policy, as, tags: given }, where: `@${DECORATORS[write.kind]} on ${origin}`, origin };
  const rulesById = callRules(key, book, call);
  const rulesFor = (id: string, args: readonly unknown[], result: () => unknown): CallRules => {
    // What a function gives was not checked at boot.
    const rules = key.template === undefined ? book.forWriting(id, rulesById(id), policy.level) : rulesById(id);
    if (versionOf === undefined && tags === undefined) return rules;
    const early = tags?.isEarly === true ? tags.of(args) : undefined;
    return {
      ...rules,
      ...(versionOf && { version: () => versionOf(args, result()) as bigint | number | Date }),
      ...(tags && { tags: () => early ?? tags.of(args, result()) }),
    };
  };
  const before = isBeforeCall(value) ? (args: readonly unknown[]) => valueOf(args, undefined) : undefined;
  return { key, valueOf, rulesFor, before };
}

/** The key comes from the result, so the source is changed before it is known and nothing may fail the call any more. */
function settleStage({ key, valueOf, rulesFor }: WriteCall, { origin, parts, next }: Site): Stage {
  const { cache } = parts;
  // Its named cache is known by its entity.
  const head = key.template?.head ?? '';
  return async (self, args) => {
    const since = cache.parts.notices.position();
    const tagging = cache.tagging(head);
    const result = await next(self, args);
    try {
      const id = key.id(args, result);
      const rules = rulesFor(id, args, () => result);
      await cache.settle(id, valueOf(args, result), { rules, since, tagging });
    } catch (cause) {
      cache.parts.events.emit({ type: 'uncached', method: origin, error: asCacheError(cause, origin) });
    }
    return result;
  };
}

/** A getter of the result may throw anything; the source has changed, so it cannot fail the call. */
function asCacheError(cause: unknown, origin: string): CacheError {
  if (cause instanceof CacheError) return cause;
  return new CacheWriteError(`${origin}: the key or the value could not be read from the result.`, { cause });
}

interface OverriddenWrite {
  readonly id: string;
  readonly save: () => Promise<unknown>;
  /** What is cached, once the save is done. */
  readonly value: () => unknown;
  readonly before: unknown;
}

/**
 * An application's own service, or a spy, is given what a service is given: the value to cache, from the save where it
 * is not known before. What the method returned is kept aside, for the caller.
 */
function overridden(write: WritePlan, call: OverriddenWrite, { cache, service }: RuntimeParts): Promise<unknown> {
  const key = cache.parts.keys.full(call.id);
  const { value: _value, version: _version, tags: _tags, ...options } = write.options;
  const saved = async () => {
    await call.save();
    return call.value();
  };
  return write.kind === 'writeThrough'
    ? service.writeThrough(key, call.before ?? null, saved as () => Promise<void>, options)
    : service.cacheAside(key, saved, options);
}
