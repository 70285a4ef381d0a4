import { Notices } from '../../libs/cache/src/core/coherence/notices.js';
import type { HotLayer } from '../../libs/cache/src/core/layers/doubts.js';
import type { Layer, LocalLayer, StoreOutcome } from '../../libs/cache/src/core/layers/layer.js';
import { LayeredStore } from '../../libs/cache/src/core/layers/layered-store.js';
import { EventHub } from '../../libs/cache/src/core/events/event-hub.js';
import { BudgetedLayer } from '../../libs/cache/src/core/protection/budgeted-layer.js';
import { OperationBudget } from '../../libs/cache/src/core/protection/operation-budget.js';
import { MemoryLayer } from '../../libs/cache/src/drivers/memory/memory-layer.js';
import { FakeClock } from '../support/core.js';
import { layerContract } from './layer.contract.js';
import { localLayerContract } from './local-layer.contract.js';
import type { Opened, Subject } from './subject.js';

const ROOMY = { maxBytes: 50_000_000, maxEntries: 10_000 };
const FAKE_TIME = { tick: 1_000, isPatient: true, isShared: false };

function onFakeTime<L extends Layer>(name: string, make: (clock: FakeClock) => L): Subject<L> {
  const open = async (): Promise<Opened<L>> => {
    const clock = new FakeClock();
    return { layer: make(clock), now: () => clock.now(), pass: async (ms) => clock.advance(ms) };
  };
  return { name, open, ...FAKE_TIME };
}

/** Layers as one, seen as one layer: what a caller of the store can know of a key. */
function asLayer(store: LayeredStore, notices: Notices): Layer {
  const { hot, below } = store;
  return {
    name: 'hot',
    read: async (key) => hot.read(key) ?? (await store.find(key))?.entry ?? (await below[0]?.read(key)),
    store: async (key, entry, cause) =>
      (await store.store(key, entry, { since: notices.position(), cause })) as StoreOutcome,
    remove: (key) => store.remove(key),
    expire: (key) => store.expire(key),
    close: () => store.close(),
  };
}

/** The same layer, answering later, as one beyond this process would. */
function later(layer: LocalLayer): Layer {
  return {
    name: 'warm',
    read: async (key) => layer.read(key),
    store: async (key, entry, cause) => layer.store(key, entry, cause),
    remove: async (key) => layer.remove(key),
    expire: async (key) => layer.expire(key),
    close: async () => layer.close(),
  };
}

/** Memory with room for so many entries over memory with room for all. */
function layered(clock: FakeClock, maxEntries: number): Layer {
  const notices = new Notices();
  const hot = new MemoryLayer({ clock, ...ROOMY, maxEntries });
  return asLayer(
    new LayeredStore({ hot, below: [later(new MemoryLayer({ clock, ...ROOMY }))], notices, dates: clock }),
    notices,
  );
}

/** Memory that may be asked so often. */
function within(clock: FakeClock, operations: number): Layer {
  const budget = new OperationBudget({ operations, per: 1_000 }, { clock, events: new EventHub() });
  return new BudgetedLayer(new MemoryLayer({ clock, ...ROOMY }), budget);
}

const MEMORY = onFakeTime('memory', (clock) => new MemoryLayer({ clock, ...ROOMY }));

/** A layer joins with a line here. */
const LAYERS: readonly Subject[] = [
  MEMORY,
  onFakeTime('memory over memory', (clock) => layered(clock, 10_000)),
  onFakeTime('one entry of memory over memory', (clock) => layered(clock, 1)),
  onFakeTime('memory within a budget', (clock) => within(clock, 1_000_000)),
];

const LOCAL_LAYERS: readonly Subject<HotLayer>[] = [MEMORY];

for (const subject of LAYERS) layerContract(subject);
for (const subject of LOCAL_LAYERS) localLayerContract(subject);
