import type { ValueEntry } from '../entry/entry.js';
import { CacheTimeoutError } from '../errors.js';
import type { Found } from '../layers/layered-store.js';
import { inTime } from '../shared/in-time.js';
import { hereBy } from './here-by.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';
import { SOON_MS } from './soon.js';

/** A fresh value; `unknown`: the layers cannot be asked, or what they have is known to be outdated. */
export type Sought = ValueEntry | 'nothing' | 'unknown';

export interface Seek extends Pick<CallRules, 'level' | 'localTtl' | 'early'> {
  /** Told of what is there and no longer fresh. */
  readonly stale?: ((entry: ValueEntry) => void) | undefined;
}

/** Asks the layers below memory. What they have is kept in memory, by the rules of who asks. */
export class Seeking {
  constructor(private readonly parts: CacheParts) {}

  /** What the layers below memory have. */
  find(id: string, rules: CallRules): Promise<Sought> {
    const { level, localTtl, early } = rules;
    return this.seek(id, (sought) => sought, { level, localTtl, early });
  }

  /** Not `async`, and one promise with what follows: this is the way of every hit in a layer below. */
  seek<T>(id: string, go: (sought: Sought) => T | Promise<T>, { level, localTtl, early, stale }: Seek): Promise<T> {
    const { store, recovery, notices } = this.parts;
    if (recovery.owes(id)) return Promise.resolve<Sought>('unknown').then(go);
    const since = notices.position();
    const found = store.find(id, stale);
    return (level === 'relaxed' ? this.#brief(id, found) : found).then(
      (known) => {
        // Kept in memory by the key's own rules already; the call has others.
        if ((localTtl !== undefined || early !== undefined) && known !== undefined && known.layer !== 'hot')
          store.keepFound(id, hereBy({ localTtl, early }, known.entry, this.parts.random), since);
        return go(this.#found(id, known));
      },
      (error: unknown) => go(this.#failed(id, error)),
    );
  }

  #brief<T>(id: string, asked: Promise<T>): Promise<T> {
    const { clock, keys } = this.parts;
    const late = (): CacheTimeoutError => {
      const key = keys.full(id);
      const message = `'${key}': Redis did not answer within ${SOON_MS} ms, the most that level 'relaxed' waits.`;
      return new CacheTimeoutError(message, { key, layer: 'shared' });
    };
    return inTime(asked, { clock, ms: SOON_MS, late });
  }

  #found(id: string, found: Found | undefined): Sought {
    const { recovery, events, keys, counts } = this.parts;
    // Asked again: the invalidation that failed may have done so meanwhile.
    if (recovery.owes(id)) return 'unknown';
    if (found === undefined) return 'nothing';
    counts.found(id, found.layer);
    if (events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: found.layer });
    return found.entry;
  }

  #failed(id: string, error: unknown): Sought {
    const { events, keys } = this.parts;
    events.emit({ type: 'layer-failed', key: keys.full(id), layer: 'shared', operation: 'read', error });
    return 'unknown';
  }
}
