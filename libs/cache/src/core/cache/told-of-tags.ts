import type { TagMode } from '../tags/tag-store.js';
import type { CacheParts } from './parts.js';

/** Says and counts what another process has invalidated by tags, or as a whole. */
export function toldOfTags({ counts, events }: Pick<CacheParts, 'counts' | 'events'>) {
  return (cache: string, tags: readonly string[], mode: TagMode): void => {
    counts.ofCache(cache).heard += 1;
    if (tags.length === 0) events.emit({ type: 'cleared', cache, cause: 'notice' });
    else events.emit({ type: 'tags-invalidated', tags, mode, caches: [cache], cause: 'notice' });
  };
}
