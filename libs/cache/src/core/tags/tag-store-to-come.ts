import type { MaybePromise } from '../layers/layer.js';
import type { Bump, TagLook, TagStore } from './tag-store.js';

/** A tag store that is opened later than those who ask it are made: what is asked before waits for it. */
export class TagStoreToCome implements TagStore {
  #store: TagStore | undefined;
  #came: (store: TagStore) => void = () => undefined;
  readonly #coming = new Promise<TagStore>((resolve) => {
    this.#came = resolve;
  });

  come(store: TagStore): void {
    this.#store = store;
    this.#came(store);
  }

  look(cache: string, tag: string, seen: number): MaybePromise<TagLook> {
    return this.#store?.look(cache, tag, seen) ?? this.#coming.then((store) => store.look(cache, tag, seen));
  }

  bump(cache: string, bump: Bump): MaybePromise<number> {
    return this.#store?.bump(cache, bump) ?? this.#coming.then((store) => store.bump(cache, bump));
  }
}
