import type { CachePolicy } from '../../libs/cache/src/core/cache/policy.js';
import type { CacheParts } from '../../libs/cache/src/core/cache/parts.js';
import { Flights } from '../../libs/cache/src/core/cache/flights.js';
import { Recovery } from '../../libs/cache/src/core/cache/recovery.js';
import { Rulebook } from '../../libs/cache/src/core/cache/rulebook.js';
import { AssignedVersions } from '../../libs/cache/src/core/coherence/assigned-versions.js';
import { Intents } from '../../libs/cache/src/core/coherence/intents.js';
import { NoticeMemory } from '../../libs/cache/src/core/coherence/notice-memory.js';
import { Notices } from '../../libs/cache/src/core/coherence/notices.js';
import { valueEntry, type EntryHeader, type ValueEntry } from '../../libs/cache/src/core/entry/entry.js';
import { snapshot } from '../../libs/cache/src/core/entry/snapshot.js';
import { EVENT_TYPES, type CacheEvent } from '../../libs/cache/src/core/events/cache-event.js';
import { EventHub } from '../../libs/cache/src/core/events/event-hub.js';
import { KeySpace } from '../../libs/cache/src/core/keys/key-space.js';
import type { Layer } from '../../libs/cache/src/core/layers/layer.js';
import { LayeredStore } from '../../libs/cache/src/core/layers/layered-store.js';
import { MemoryLockEngine } from '../../libs/cache/src/drivers/memory/locks/memory-lock-engine.js';
import { Counts } from '../../libs/cache/src/core/statistics/counts.js';
import { toldOfTags } from '../../libs/cache/src/core/cache/told-of-tags.js';
import { Tags } from '../../libs/cache/src/core/tags/tags.js';
import { MemoryTagStore } from '../../libs/cache/src/drivers/memory/tags/memory-tag-store.js';
import { MemoryLayer } from '../../libs/cache/src/drivers/memory/memory-layer.js';
import { FakeClock } from '../../libs/cache/src/nest/testing/fake-clock.js';
import { locksOver } from './locks.js';

export { FakeClock };

export const SAVE_TIMEOUT = 10_000;

export interface TestParts extends CacheParts {
  readonly clock: FakeClock;
  /** Every event so far. */
  readonly told: CacheEvent[];
}

interface PartsOptions {
  readonly defaults?: CachePolicy;
  readonly policies?: Readonly<Record<string, CachePolicy>>;
  /** Parts in the place of the real ones. */
  readonly instead?: (real: TestParts) => Partial<Omit<CacheParts, 'clock'>>;
}

/** Everything the flows of `core/cache` work with, real, over memory, on a clock that stands still and without chance. */
export function coreParts({ defaults, policies, instead }: PartsOptions = {}): TestParts {
  const clock = new FakeClock();
  const notices = new Notices();
  const keys = new KeySpace('lake');
  const events = new EventHub();
  const told: CacheEvent[] = [];
  for (const type of EVENT_TYPES) events.on(type, (event) => told.push(event));
  const rules = new Rulebook(keys, defaults, policies);
  const tagStore = new MemoryTagStore(clock);
  const counts = new Counts((id) => rules.cacheOf(id));
  const tags: Tags = new Tags({
    store: tagStore,
    service: 'lake',
    notices,
    cacheOf: (id) => rules.cacheOf(id),
    clock,
    cleared: () => hot.recheck(),
    heard: toldOfTags({ counts, events }),
  });
  const hot: MemoryLayer = new MemoryLayer({ clock, maxBytes: 1_000_000, maxEntries: 1_000, tags, counts });
  const store = new LayeredStore({ hot, below: [], notices, dates: clock, tags });
  const real: TestParts = {
    keys,
    rules,
    tags,
    tagStore,
    store,
    flights: new Flights(),
    notices,
    remembered: new NoticeMemory({ clock, dates: clock }),
    intents: new Intents(notices, clock, SAVE_TIMEOUT),
    versions: new AssignedVersions(clock),
    locks: locksOver(new MemoryLockEngine(clock), { clock, events }),
    scope: { run: (_flight, _load, work) => work(), isWithin: () => false, isLoading: () => false },
    recovery: new Recovery({ keys, events, clock, remove: (id) => store.remove(id) }),
    events,
    counts,
    clock,
    dates: clock,
    random: () => 0.5,
    told,
  };
  return { ...real, ...instead?.(real) };
}

/** A layer that others share, in this process: it answers later, and as the test says, fails or is slow. */
export class FarLayer implements Layer {
  readonly name = 'shared';
  readonly kept: MemoryLayer;
  /** What every answer waits for. */
  hold: Promise<unknown> = Promise.resolve();
  /** What every answer fails with. */
  failure: Error | undefined;

  constructor(clock: FakeClock) {
    this.kept = new MemoryLayer({ clock, maxBytes: 1_000_000, maxEntries: 1_000 });
  }

  read: Layer['read'] = (key) => this.#answer(() => this.kept.read(key));
  store: Layer['store'] = (key, entry) => this.#answer(() => this.kept.store(key, entry));
  remove: Layer['remove'] = (key) => this.#answer(() => this.kept.remove(key));
  expire: Layer['expire'] = (key) => this.#answer(() => this.kept.expire(key));

  close(): void {
    this.kept.close();
  }

  async #answer<T>(work: () => T): Promise<T> {
    await this.hold;
    if (this.failure !== undefined) throw this.failure;
    return work();
  }
}

/** The same parts over memory and a layer that others share. */
export function sharedParts(options: Omit<PartsOptions, 'instead'> = {}): TestParts & { readonly far: FarLayer } {
  const parts = coreParts(options);
  const { store: local, notices, remembered, keys, events, clock, tags } = parts;
  const far = new FarLayer(clock);
  const store = new LayeredStore({ hot: local.hot, below: [far], notices, dates: clock, remembered, tags });
  const recovery = new Recovery({ keys, events, clock, remove: (id) => store.remove(id), limit: 3 });
  return { ...parts, store, recovery, far };
}

/** An entry of this value; what is not said of its header is unremarkable. */
export function entryOf(value: unknown, at: number, header: Partial<EntryHeader> = {}): ValueEntry {
  return valueEntry(snapshot(value), {
    version: { source: undefined, assigned: 1 },
    createdAt: at,
    freshUntil: at + 1_000,
    staleUntil: header.freshUntil ?? at + 1_000,
    computeMs: 0,
    tagGeneration: 0,
    ...header,
  });
}

/** Lets everything go on that waits for nothing but promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

/** Every order in which these actors, each with so many steps of its own, can take turns. */
export function* interleavings(steps: readonly number[]): Generator<readonly number[]> {
  if (steps.every((left) => left === 0)) yield [];
  for (const [actor, left] of steps.entries()) {
    if (left === 0) continue;
    for (const rest of interleavings(steps.with(actor, left - 1))) yield [actor, ...rest];
  }
}
