import { defineKey } from '@datapunk/cache';

/** A row says whose it is, so that a value under a wrong key shows. */
export interface Row {
  readonly key: string;
  readonly revision: number;
}

const rowKey = defineKey('row:{id}').holds<Row>({ version: ({ revision }) => revision });

/** Keys of values whose version tells which of two is newer. */
export const keyOf = (id: number): string => rowKey({ id });

/** The truth behind the cache. It changes at once, or not at all. */
export class Source {
  readonly #revisions = new Map<string, number>();

  row(key: string): Row {
    return { key, revision: this.#revisions.get(key) ?? 0 };
  }

  change(key: string): Row {
    this.#revisions.set(key, this.row(key).revision + 1);
    return this.row(key);
  }
}
