import type { Lease } from '../coherence/lease.js';
import { isFresh, type ValueEntry } from '../entry/entry.js';
import { view } from './deliver.js';
import type { Loader } from './loading.js';
import type { Outcome } from './outcome.js';
import type { CacheParts, FleetParts } from './parts.js';
import type { ReadWays } from './read-ways.js';
import type { CallRules } from './rules.js';
import { unread } from './strictly.js';
import { Tagging } from '../tags/tagging.js';
import type { Turns } from './turns.js';
import { underLease } from './under-lease.js';

/** A load under way for strict callers. */
interface StrictLoad {
  readonly rules: CallRules;
  /** Whoever called before this number was drawn was there first, and may have its outcome. */
  readonly number: number;
  /** Told when its value is with the others, or it failed. Never rejects. */
  readonly over: Promise<unknown>;
  readonly outcome: Promise<Outcome>;
  filling: Promise<void> | undefined;
}

interface StrictWays extends ReadWays {
  readonly turns: Turns;
}

/**
 * Reads under level `strict`: never from memory; what Redis has counts once all replicas have confirmed that the server
 * that said so is still the one to ask; and nobody is given what was asked for before he called. So a caller who finds a
 * load under way waits for it and then asks Redis, and what begins after his call he may share.
 */
export class StrictReads {
  readonly #loads = new Map<string, StrictLoad>();
  #calls = 0;

  constructor(
    private readonly parts: CacheParts,
    private readonly fleet: FleetParts,
    private readonly ways: StrictWays,
  ) {}

  /**
   * The value, if there is one.
   * @throws {CacheConsistencyError} `rejected`
   */
  async get(id: string, rules: CallRules): Promise<unknown> {
    const entry = await this.#confirmed(id);
    const { counts } = this.parts;
    if (entry === undefined) counts.missed(id);
    else counts.found(id, 'shared');
    return entry === undefined ? undefined : view(entry, rules);
  }

  /** @throws {CacheConsistencyError} `rejected`; what the loader throws. */
  async read(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const { scope, keys } = this.parts;
    if (scope.isLoading(keys.full(id))) return this.ways.loading.cycle(id, load, rules);
    return rules.deliver(await this.#obtain(id, load, rules));
  }

  async #obtain(id: string, load: Loader, rules: CallRules): Promise<Outcome> {
    this.#calls += 1;
    const call = this.#calls;
    for (;;) {
      const entry = await this.#confirmed(id);
      if (entry !== undefined) return this.#hit(id, load, { entry, rules });
      const other = this.#loads.get(id);
      if (other === undefined) return this.#turn(id, load, rules);
      load.waits?.();
      if (other.number > call) {
        this.parts.counts.joined(id, { isMiss: true });
        return other.outcome;
      }
      // What follows it begins after this call.
      await other.over;
    }
  }

  #hit(id: string, load: Loader, { entry, rules }: { entry: ValueEntry; rules: CallRules }): Outcome {
    const { events, keys } = this.parts;
    const { samples } = this.ways;
    this.parts.counts.found(id, 'shared');
    if (events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: 'shared' });
    if (--samples.left === 0) samples.take(id, { load, rules, entry });
    return { kind: 'kept', kept: entry };
  }

  /** Loads for the fleet, unless another process does. */
  #turn(id: string, load: Loader, rules: CallRules): Promise<Outcome> {
    this.#calls += 1;
    const own: { -readonly [K in keyof StrictLoad]?: StrictLoad[K] } = { rules, number: this.#calls };
    const outcome = this.#taken(id, load, own as StrictLoad);
    const end = (): void => {
      if (this.#loads.get(id) === own) this.#loads.delete(id);
    };
    own.outcome = outcome;
    own.over = outcome.then(
      () => own.filling,
      () => undefined,
    );
    own.over.then(end, end);
    this.#loads.set(id, own as StrictLoad);
    return outcome;
  }

  async #taken(id: string, load: Loader, own: StrictLoad): Promise<Outcome> {
    const { rules } = own;
    const began = this.parts.clock.coarse();
    const turn = await this.ways.turns.next(id, { limit: rules.loadTimeout, began, waits: load.waits });
    if (turn.kind === 'lease') {
      const { lease, since } = turn;
      const miss = { load, own, since, lease };
      return underLease(this.fleet, lease, {
        load: () => this.#load(id, miss),
        isFilling: () => own.filling !== undefined,
      });
    }
    if (turn.kind === 'found') {
      // Said without being confirmed, so it is asked again.
      const entry = await this.#confirmed(id);
      if (entry !== undefined) return this.#hit(id, load, { entry, rules });
    }
    return this.#alone(id, load, rules);
  }

  async #load(id: string, { load, own, since, lease }: LeasedMiss): Promise<Outcome> {
    const { clock, tags } = this.parts;
    this.#miss(id);
    const tagging = new Tagging(tags.generation(id));
    const started = clock.now();
    const { value, wishes } = await this.ways.loading.run(id, load, own);
    const filling = (done: Promise<void>): void => {
      own.filling = done;
    };
    const about = { rules: own.rules, computeMs: clock.now() - started, assigned: lease.assigned, wishes, tagging };
    return this.ways.keeper.keep(id, value, { ...about, since, lease, filling });
  }

  /** Loads, and keeps nothing. */
  async #alone(id: string, load: Loader, rules: CallRules): Promise<Outcome> {
    this.#miss(id);
    const { value } = await this.ways.loading.run(id, load, { rules });
    return this.ways.keeper.pass(id, value, rules);
  }

  #miss(id: string): void {
    const { events, keys, counts } = this.parts;
    counts.missed(id);
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
  }

  async #confirmed(id: string): Promise<ValueEntry | undefined> {
    if (this.parts.recovery.owes(id)) return undefined;
    try {
      const entry = await this.fleet.strict.layer.read(id);
      if (entry?.kind !== 'value' || !isFresh(entry, this.parts.dates.now())) return undefined;
      // What tags say nobody confirms: a value with tags is of a caller who is not strict.
      return entry.tags.length === 0 && (await this.parts.store.stands(id, entry)) ? entry : undefined;
    } catch (cause) {
      throw unread(this.parts.keys.full(id), cause);
    }
  }
}

interface LeasedMiss {
  readonly load: Loader;
  readonly own: StrictLoad;
  readonly since: number;
  readonly lease: Lease;
}
