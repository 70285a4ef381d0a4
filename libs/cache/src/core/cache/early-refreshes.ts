import type { Refreshes } from '../refresh/refreshes.js';
import { joinable } from './joinable.js';
import type { Loader } from './loading.js';
import type { CacheParts } from './parts.js';
import type { ReadThrough } from './read-through.js';
import type { CallRules } from './rules.js';

/** Loads values anew in the background before their time is over, where their readers' rules say so. */
export class EarlyRefreshes {
  constructor(
    private readonly parts: CacheParts,
    private readonly refreshes: Refreshes,
    private readonly reads: Pick<ReadThrough, 'refresh'>,
  ) {}

  /** A reader was given what memory has: if that is due, it is loaded anew by this loader. Never throws. */
  read(id: string, load: Loader, rules: CallRules): void {
    if (rules.level === 'strict' || rules.neverCompared === true) return;
    const { store, transactions } = this.parts;
    if (transactions?.current() !== undefined) return;
    if (!store.hot.takeDue(id) || joinable(this.parts, id) !== undefined) return;
    const known = store.hot.read(id);
    if (known?.kind !== 'value') return;
    this.refreshes.run(id, 'early', () => this.reads.refresh(id, load, { rules, known }));
  }
}
