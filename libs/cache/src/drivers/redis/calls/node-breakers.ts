import slotOf from 'cluster-key-slot';
import { Breaker, type BreakerRules } from '../../../core/protection/breaker.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { RedisCluster } from '../redis-client.js';
import type { Question } from './question.js';

/** Where keys are kept: on one server, or on the nodes of a cluster. */
export type Places =
  | { readonly kind: 'standalone'; readonly address: string }
  | { readonly kind: 'cluster'; readonly data: Pick<RedisCluster, 'slots'> };

export interface NodeBreakersParts {
  readonly rules: BreakerRules;
  readonly clock: Clock;
  readonly places: Places;
  /** Told whether a node is asked. */
  readonly tell: (change: { readonly state: 'opened' | 'closed'; readonly node: string }) => void;
}

/** Asks about a key. Resolves when there is an answer, within a bounded time. */
export type Ask = (key: string) => Promise<void>;

/**
 * A breaker for each node, so that one that does not answer costs the keys of the others nothing. There is one only while
 * its node leaves something unanswered: otherwise a call costs a look at an empty map.
 */
export class NodeBreakers {
  readonly #watched = new Map<string, Breaker>();
  #isStopped = false;

  constructor(private readonly parts: NodeBreakersParts) {}

  /** Whether the node of this key is not asked. */
  refuses(key: string): boolean {
    if (this.#watched.size === 0) return false;
    const node = this.#nodeOf(key);
    return node !== undefined && this.#watched.get(node)?.isOpen === true;
  }

  /** All of these were answered in time. */
  answered(questions: readonly Question[]): void {
    if (this.#watched.size === 0) return;
    for (const { key } of questions) this.#watched.get(this.#nodeOf(key) ?? '')?.answered();
  }

  /** Time is over for what was asked then: some of it may be answered. A node counts once, whatever it was asked. */
  late(questions: readonly Question[], askedAt: number, ask: Ask): void {
    const silent = new Map<string, string>();
    const heard = new Set<string>();
    for (const question of questions) {
      const node = this.#nodeOf(question.key);
      if (node === undefined) continue;
      if (question.isOver?.() === true) heard.add(node);
      else silent.set(node, question.key);
    }
    for (const node of heard) if (!silent.has(node)) this.#watched.get(node)?.answered();
    for (const [node, key] of silent) this.#watch(node, () => ask(key))?.failed(askedAt);
  }

  /** There is reason to believe that all answer again. */
  probe(): void {
    for (const breaker of this.#watched.values()) breaker.probe();
  }

  stop(): void {
    this.#isStopped = true;
    for (const breaker of this.#watched.values()) breaker.stop();
    this.#watched.clear();
  }

  #watch(node: string, probe: () => Promise<void>): Breaker | undefined {
    if (this.#isStopped) return undefined;
    let breaker = this.#watched.get(node);
    if (breaker === undefined) {
      const { rules, clock, tell } = this.parts;
      let isOpen = false;
      const opened = (): void => {
        isOpen = true;
        tell({ state: 'opened', node });
      };
      const closed = (): void => {
        this.#watched.delete(node);
        if (isOpen) tell({ state: 'closed', node });
      };
      this.#watched.set(node, (breaker = new Breaker({ rules, clock, probe, opened, closed })));
    }
    return breaker;
  }

  /** By its name, not its connection: that may be gone, and a node that took its slots over is another one. */
  #nodeOf(key: string): string | undefined {
    const { places } = this.parts;
    return places.kind === 'standalone' ? places.address : places.data.slots[slotOf(key)]?.[0];
  }
}
