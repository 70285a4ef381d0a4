import type { Kept } from '../layers/layer.js';
import { view } from './deliver.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';
import type { TransactionWrites } from './transaction-writes.js';

/** What memory answers by itself. */
export class NearReads {
  constructor(
    private readonly parts: CacheParts,
    private readonly transactions: Pick<TransactionWrites, 'hides'>,
  ) {}

  /** A fresh value in memory, for an id whose rules are known. */
  fresh(id: string, rules: CallRules): Promise<unknown> | undefined {
    if (this.transactions.hides()) return undefined;
    const hit = rules.ownView ? undefined : this.parts.store.hot.hit(id);
    if (hit !== undefined && !this.parts.events.hits) return hit;
    return this.#told(id, hit ?? this.#viewed(id, rules));
  }

  /** What `fresh` promises, without a promise: for reads of many keys. */
  peek(id: string, rules: CallRules): Kept | undefined {
    const kept = this.transactions.hides() ? undefined : this.#kept(id, rules);
    const { events, keys } = this.parts;
    if (kept !== undefined && events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: 'hot' });
    return kept;
  }

  #told(id: string, hit: Promise<unknown> | undefined): Promise<unknown> | undefined {
    const { events, keys } = this.parts;
    if (hit !== undefined && events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: 'hot' });
    return hit;
  }

  #viewed(id: string, rules: CallRules): Promise<unknown> | undefined {
    const kept = this.#kept(id, rules);
    return kept === undefined ? undefined : Promise.resolve(view(kept, rules));
  }

  #kept(id: string, rules: CallRules): Kept | undefined {
    if (rules.level === 'strict' && this.parts.fleet !== undefined) return undefined;
    if (rules.fresh === true || rules.skips?.local === true) return undefined;
    const { hot } = this.parts.store;
    return hot.peek(id) ?? (rules.level === 'relaxed' ? this.parts.counts.hitIf(id, hot.doubted(id)) : undefined);
  }
}
