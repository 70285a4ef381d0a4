import { inject } from 'vitest';
import type { RedisOption } from '@datapunk/cache';
import type { Cache } from '../../../libs/cache/src/core/cache/cache.js';
import type { FleetParts } from '../../../libs/cache/src/core/cache/parts.js';
import type { Fence } from '../../../libs/cache/src/core/layers/fence.js';
import type { ValueEntry } from '../../../libs/cache/src/core/entry/entry.js';
import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { compose, realWorld, type Composition } from '../../../libs/cache/src/nest/composition.js';
import { resolveOptions } from '../../../libs/cache/src/nest/options/resolve-options.js';

export const PLACES: Readonly<Record<string, () => RedisOption>> = {
  standalone: () => inject('redis').standalone,
  Cluster: () => ({ nodes: inject('redis').cluster }),
};

/** What several processes of one service are to a Redis: caches that share nothing else. */
export class TestProcesses {
  private constructor(private readonly all: readonly Composition[]) {}

  static async start(count: number, place: string, service: string): Promise<TestProcesses> {
    const redis = PLACES[place]?.() ?? false;
    // What is shown is what is kept, not how long Redis is waited for.
    const protection = { operations: false, patience: '1s' } as const;
    const options = resolveOptions({ service, redis, protection, staleness: false });
    const all = Array.from({ length: count }, () => compose(options, realWorld(), new EventHub()));
    return new TestProcesses(await Promise.all(all));
  }

  get caches(): readonly [Cache, ...Cache[]] {
    const [first, ...others] = this.all.map(({ cache }) => cache);
    if (first === undefined) throw new Error('there is no process');
    return [first, ...others];
  }

  /** The control: every process loads for itself and keeps what it has, and a save is told when it is done. */
  breakFences(): void {
    for (const { cache } of this.all) {
      const fleet = cache.parts.fleet as { -readonly [part in keyof FleetParts]: FleetParts[part] };
      fleet.fence = naive(cache);
      // Nor does it know what was changed.
      Object.assign(cache.parts.remembered, { outdates: () => false });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.all.map(async (one) => {
        await one.stop();
        await one.close();
      }),
    );
  }
}

/** What a cache library does that has no fence: whoever comes last wins. */
function naive({ parts: { store, versions } }: Cache): Fence {
  const shared = store.below[0];
  if (shared === undefined) throw new Error('there is no Redis');
  const set = async (key: string, entry: ValueEntry) => {
    await shared.store(key, { ...entry, version: { source: undefined, assigned: versions.next() } }, 'write');
  };
  return {
    claim: async (key) => ({ kind: 'mine', lease: { key, id: new Uint8Array(16), assigned: versions.next() } }),
    renew: async () => true,
    fill: async ({ key }, entry) => set(key, entry).then(() => true),
    yield: async () => undefined,
    begin: async () => ({ id: new Uint8Array(8), until: Infinity }),
    end: async (key, { entry }) => {
      if (entry === undefined) await shared.remove(key);
      else await set(key, entry);
      return entry === undefined ? 'removed' : 'stored';
    },
    revoke: async () => false,
  };
}
