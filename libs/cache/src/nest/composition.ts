import { Cache } from '../core/cache/cache.js';
import { Flights } from '../core/cache/flights.js';
import { Rulebook } from '../core/cache/rulebook.js';
import { AssignedVersions } from '../core/coherence/assigned-versions.js';
import { Intents } from '../core/coherence/intents.js';
import { Notices } from '../core/coherence/notices.js';
import { EventHub } from '../core/events/event-hub.js';
import { KeySpace } from '../core/keys/key-space.js';
import { LayeredStore } from '../core/layers/layered-store.js';
import { KeyedMutex } from '../core/locks/keyed-mutex.js';
import type { Clock } from '../core/shared/clock.js';
import type { Random } from '../core/shared/random.js';
import { SystemClock } from '../core/shared/system-clock.js';
import { MemoryLayer } from '../drivers/memory/memory-layer.js';
import type { ResolvedOptions } from './options/resolve-options.js';
import { asyncLoadScope } from './plans/current-load.js';

/** A save that takes longer may be overtaken by others: its value is not kept. */
const SAVE_TIMEOUT_MS = 10_000;

/** How long `cacheAside` waits for its turn. */
const LOCK_WAIT_MS = 5_000;

/** What a test puts in the place of time and chance. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
}

export const realWorld = (): World => ({ clock: new SystemClock(), random: Math.random });

/** Builds the cache from its options: the only place that names drivers. */
export function compose(options: ResolvedOptions, { clock, random }: World): Cache {
  const keys = new KeySpace(options.service, options.foreignServices);
  const events = new EventHub();
  const notices = new Notices();
  const evicted = (id: string, cause: 'size' | 'ttl') => {
    if (events.wants('evicted')) events.emit({ type: 'evicted', key: keys.full(id), layer: 'hot', cause });
  };
  const rules = new Rulebook(keys, options.defaults, options.policies);
  const isPlain = (id: string) => !rules.forKey(id).ownView;
  const hot = new MemoryLayer({ clock, ...options.hot, isPlain, evicted });
  return new Cache({
    keys,
    rules,
    store: new LayeredStore({ hot, below: [], notices, clock }),
    flights: new Flights(),
    notices,
    intents: new Intents(notices, clock, SAVE_TIMEOUT_MS),
    versions: new AssignedVersions(clock),
    mutex: new KeyedMutex(clock, LOCK_WAIT_MS),
    scope: asyncLoadScope,
    events,
    clock,
    random,
  });
}
