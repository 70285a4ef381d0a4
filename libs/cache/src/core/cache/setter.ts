import type { ValueEntry } from '../entry/entry.js';
import { CacheWriteError } from '../errors.js';
import type { LayeredOutcome } from '../layers/layered-store.js';
import { Tagging } from '../tags/tagging.js';
import type { StrictPlace } from '../layers/strict-place.js';
import type { Invalidations } from './invalidations.js';
import type { Keeper } from './keeper.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';
import { SecondTrip } from './second-trip.js';
import { soon } from './soon.js';
import { unknown } from './strictly.js';

/** Keeps what the user says is the value, whatever was there. */
export class Setter {
  constructor(
    private readonly parts: CacheParts,
    private readonly keeper: Keeper,
    private readonly invalidations: Invalidations,
  ) {}

  /**
   * @throws {CacheError} when a layer did not take it; what it holds instead is then removed as soon as it can be. Under
   * `strict` {CacheConsistencyError} `unknown`; under `relaxed` nothing.
   */
  async set(id: string, value: unknown, rules: CallRules): Promise<void> {
    const { versions, intents, tags } = this.parts;
    const ready = rules.tags && tags.begun(id);
    if (ready instanceof Promise) await ready;
    const tagging = new Tagging(tags.generation(id));
    const kept = this.keeper.freeze(id, value, rules);
    if (this.keeper.isTooLarge(id, kept, rules)) return this.#leave(id, rules);
    const since = this.invalidations.note(id);
    const entry = this.keeper.entry(kept, value, { rules, computeMs: 0, assigned: versions.next(), tagging });
    if (entry.version.source === undefined) intents.disturb(id);
    const strict = rules.level === 'strict' ? this.parts.fleet?.strict : undefined;
    const stored = this.#store(id, entry, { since, strict });
    if (rules.level === 'relaxed' && this.parts.fleet !== undefined)
      return soon(this.parts.clock, this.#owing(id, stored));
    try {
      await this.#owing(id, stored);
    } catch (error) {
      throw strict === undefined ? error : unknown(this.parts.keys.full(id), error);
    }
  }

  /** Nothing is kept of a value that is too large, and nothing of what it replaces. */
  async #leave(id: string, { level }: CallRules): Promise<void> {
    if (await this.invalidations.change(id, 'remove', level)) return;
    const key = this.parts.keys.full(id);
    const message = `'${key}': the value is too large to be kept, and what Redis holds instead could not be removed. Delete the key when Redis answers.`;
    throw new CacheWriteError(message, { key, layer: 'shared' });
  }

  async #owing(id: string, stored: Promise<void>): Promise<void> {
    try {
      await stored;
    } catch (error) {
      this.invalidations.owe(id, error);
      throw error;
    }
  }

  async #store(id: string, entry: ValueEntry, way: Way): Promise<void> {
    const further = new SecondTrip(id, this.parts);
    const first = this.#tried(id, entry, way);
    // Under `strict` the place has a limit of its own; memory answers at once.
    const isBounded = way.strict === undefined && this.parts.store.below.length > 0;
    const outcome = await (isBounded ? further.take(first) : first);
    if (outcome !== 'older') return this.keeper.told(id, entry, outcome);
    // What is there was numbered by a clock ahead of ours. Its layer has told us the number: the next one is above it.
    const { source } = entry.version;
    const above = { ...entry, version: { source, assigned: this.parts.versions.next() } };
    const again = await further.take(this.#tried(id, above, { ...way, since: this.invalidations.note(id) }));
    this.keeper.told(id, above, again);
    if (again === 'older' && source === undefined) throw refused(this.parts.keys.full(id));
  }

  async #tried(id: string, entry: ValueEntry, { since, strict }: Way): Promise<LayeredOutcome> {
    const { store } = this.parts;
    if (strict === undefined) return store.store(id, entry, { since, cause: 'write' });
    const outcome = await strict.layer.store(id, entry, 'write');
    if (outcome === 'stored') await store.keepHere(id, entry, { since, cause: 'write' });
    return outcome;
  }
}

/** How an entry is stored. */
interface Way {
  readonly since: number;
  /** Where that has to be confirmed. */
  readonly strict: StrictPlace | undefined;
}

function refused(key: string): CacheWriteError {
  return new CacheWriteError(`'${key}': Redis holds something newer and did not take the value. Set it again.`, {
    key,
    layer: 'shared',
  });
}
