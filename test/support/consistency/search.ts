import { Frontier } from './frontier.js';
import { OpenOperations, isExplained } from './open-operations.js';
import { NOTHING, type Content, type Operation } from './operation.js';
import { CALL, FORGET, timelineOf, type Timeline } from './timeline.js';

export interface SearchOptions {
  /** What the register holds before the first operation. Default: nothing. */
  readonly initial?: Content;
  /** How many states may be looked at before the search gives up. Default: 2,000,000. */
  readonly budget?: number;
}

const BUDGET = 2_000_000;

/** Where a search came to its end without an order. */
export interface Impasse {
  readonly kind: 'violation';
  /** The operation whose answer nothing explains, */
  readonly failed: Operation;
  /** what the register may have held when it ended, */
  readonly contents: readonly Content[];
  /** and the operations since the last time at which all was quiet and it surely held `initial`. */
  readonly since: readonly Operation[];
  readonly initial: Content;
}

export type Found = Impasse | { readonly kind: 'linearizable' } | { readonly kind: 'undecided' };

/**
 * Looks for an order of the operations of one key that a register explains, compare-and-sets included: the search of
 * Wing, Gong and Lowe (G. Lowe, "Testing for linearizability", 2017) in its just-in-time form. It goes through
 * the history once and keeps every state that the register may be in, none twice; an operation takes effect
 * only when its own end, or one that needs it, leaves no choice. Time is linear in the history and exponential in how
 * many writes are open at once, hence the budget.
 */
export function search(operations: readonly Operation[], options: SearchOptions = {}): Found {
  return new Search(timelineOf(operations), options).run();
}

class Search {
  readonly #open = new OpenOperations();
  readonly #timeline: Timeline;
  #frontier = new Frontier(0n);
  #left: number;
  #initial: Content;
  #since = 0;

  constructor(timeline: Timeline, { initial = NOTHING, budget = BUDGET }: SearchOptions) {
    this.#timeline = timeline;
    this.#left = budget;
    this.#initial = initial;
    this.#frontier.add(initial, 0n);
  }

  run(): Found {
    for (const [at, { what, one }] of this.#timeline.moments.entries()) {
      if (what === CALL) this.#call(one);
      else {
        const before = this.#frontier.contents;
        this.#frontier = what === FORGET ? this.#forget(one) : this.#end(one);
        if (this.#left < 0) return { kind: 'undecided' };
        if (this.#frontier.size === 0) return this.#impasse(one, at, before);
      }
      this.#rest(at);
    }
    return { kind: 'linearizable' };
  }

  #call(one: Operation): void {
    const bit = this.#open.add(one, this.#timeline.isPassing(one));
    const next = new Frontier(this.#open.optional);
    for (const [content, done] of this.#frontier) next.add(content, isExplained(one, content) ? done | bit : done);
    this.#frontier = next;
  }

  #forget(one: Operation): Frontier {
    const bit = this.#open.remove(one);
    const next = new Frontier(this.#open.optional);
    for (const [content, done] of this.#frontier) next.add(content, done & ~bit);
    return next;
  }

  /** Only states in which it has taken effect go on. */
  #end(ending: Operation): Frontier {
    const bit = this.#open.bitOf(ending);
    const next = new Frontier(this.#open.optional);
    const seen = new Frontier(this.#open.optional);
    const ahead: (readonly [Content, bigint])[] = [...this.#frontier];
    for (let state = ahead.pop(); state !== undefined; state = ahead.pop()) {
      this.#left -= 1;
      if (this.#left < 0) break;
      const [content, done] = state;
      if ((done & bit) !== 0n) next.add(content, done & ~bit);
      else if (seen.add(content, done)) ahead.push(...this.#steps(ending, content, done));
    }
    this.#open.remove(ending);
    return next;
  }

  *#steps(ending: Operation, content: Content, done: bigint): Generator<readonly [Content, bigint]> {
    const tried = new Set<Content>();
    for (const [one, bit] of this.#open.changing) {
      if ((done & bit) !== 0n) continue;
      // It comes along with whatever follows it.
      if (one !== ending && this.#timeline.isPassing(one)) continue;
      // Of those that never end and leave the same any is as good as another.
      if (one.outcome === 'unknown' && one.kind !== 'compare-and-set') {
        if (tried.has(one.content)) continue;
        tried.add(one.content);
      }
      const next = this.#open.apply(one, content, done);
      if (next !== undefined) yield next;
    }
  }

  /** When nothing is open and there is one state only, what came before does not matter any more. */
  #rest(at: number): void {
    if (this.#open.size > 0 || this.#frontier.size > 1) return;
    for (const [content] of this.#frontier) this.#initial = content;
    this.#since = at + 1;
  }

  #impasse(failed: Operation, at: number, contents: readonly Content[]): Impasse {
    const moments = this.#timeline.moments.slice(this.#since, at + 1);
    const since = moments.filter(({ what }) => what === CALL).map(({ one }) => one);
    return { kind: 'violation', failed, contents, since, initial: this.#initial };
  }
}
