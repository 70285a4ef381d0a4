import { CacheError } from '../../../core/errors.js';
import type { Site, Stage } from '../stage.js';
import { tagNames } from '../tag-names.js';

/** Invalidates tags after the method succeeded: through the service, so that an application's own one is asked. */
export function invalidateTagsStage({ plan, origin, parts, next }: Site): Stage {
  const { service, cache, holes } = parts;
  const names = plan.tags.flatMap((tag) => tagNames([tag], holes, origin) ?? []);
  const early = names.filter(({ isEarly }) => isEarly);
  const late = names.filter(({ isEarly }) => !isEarly);
  return async (self, args) => {
    // What cannot be built fails the call before anything has changed.
    const known = early.flatMap((name) => name.of(args));
    const result = await next(self, args);
    try {
      await service.invalidateTags([...new Set([...known, ...late.flatMap((name) => name.of(args, result))])]);
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      cache.parts.events.emit({ type: 'uncached', method: origin, error });
    }
    return result;
  };
}
