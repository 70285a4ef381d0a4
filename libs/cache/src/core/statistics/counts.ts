import { Tally } from './tally.js';

/** The load of a key that others may have joined. */
interface Joinable {
  readonly joined: number;
  /** Whether those who join it share a load; before that, it may still find the key. */
  isMiss: boolean;
}

/** Where keys of other services are counted; no named cache has this name. */
const FOREIGN = '';

/**
 * Counts what happens, by named cache. Whoever finds something counts it here and asks nobody whether he wants to know:
 * an event costs more than its count. Hits in memory are the one thing that has to be cheap: memory remembers the number
 * of a cache with the entry, so that a hit is one number in a typed array, and no name is looked up.
 */
export class Counts {
  /** Hits in memory, by the number of the cache. */
  hot = new Float64Array(8);
  readonly #numbers = new Map<string, number>();
  readonly #tallies: Tally[] = [];

  /** @param cacheOf the named cache that an id belongs to; nothing where it is another service's */
  constructor(private readonly cacheOf: (id: string) => string | undefined) {}

  /** The number of the cache that an id belongs to. */
  numberOf(id: string): number {
    return this.#number(this.cacheOf(id) ?? FOREIGN);
  }

  of(id: string): Tally {
    return this.numbered(this.numberOf(id));
  }

  ofCache(name: string): Tally {
    return this.numbered(this.#number(name));
  }

  numbered(number: number): Tally {
    return this.#tallies[number] as Tally;
  }

  /** A hit in memory. */
  hit(number: number): void {
    this.hot[number] = (this.hot[number] ?? 0) + 1;
  }

  /** The same where it is found on the long way; hands on what was found. */
  hitIf<T>(id: string, found: T | undefined): T | undefined {
    if (found !== undefined) this.hit(this.numberOf(id));
    return found;
  }

  /** A read found the key on the long way, in this layer. */
  found(id: string, layer: string): void {
    if (layer === 'hot') this.hit(this.numberOf(id));
    else this.of(id).shared += 1;
  }

  /** So did those who had joined it: they asked the layer together. */
  together(id: string, { joined }: Pick<Joinable, 'joined'>): void {
    if (joined > 0) this.of(id).shared += joined;
  }

  /** A read found nothing fresh; of the load that follows everybody who joined it so far or joins it from now on shares it. */
  missed(id: string, load?: Joinable): undefined {
    const tally = this.of(id);
    tally.misses += 1;
    if (load === undefined || load.isMiss) return undefined;
    load.isMiss = true;
    tally.misses += load.joined;
    tally.joined += load.joined;
    return undefined;
  }

  /** A read joined a load. What that finds counts for it as well, so that it counts at once only if that is known. */
  joined(id: string, load: Pick<Joinable, 'isMiss'>): void {
    if (!load.isMiss) return;
    const tally = this.of(id);
    tally.misses += 1;
    tally.joined += 1;
  }

  /** Of one cache, or of all. */
  tallies(name?: string): readonly { readonly tally: Tally; readonly hot: number }[] {
    const numbers = name === undefined ? [...this.#tallies.keys()] : [this.#number(name)];
    return numbers.map((number) => ({ tally: this.numbered(number), hot: this.hot[number] ?? 0 }));
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#tallies.push(new Tally()) - 1;
    this.#numbers.set(name, number);
    if (number >= this.hot.length) {
      const larger = new Float64Array(this.hot.length * 2);
      larger.set(this.hot);
      this.hot = larger;
    }
    return number;
  }
}
