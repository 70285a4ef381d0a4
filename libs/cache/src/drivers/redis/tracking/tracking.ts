import type { Clock } from '../../../core/shared/clock.js';
import type { Random } from '../../../core/shared/random.js';
import { backoff } from '../backoff.js';
import { freshConnection } from '../carriers.js';
import { nodeKey, type RedisCluster, type RedisNode } from '../redis-client.js';
import type { ClusterConnections, RedisConnections, ServerConnections } from '../redis-connections.js';
import { ServerTracking, type TrackingListener } from './server-tracking.js';

export interface TrackingParts {
  readonly connections: RedisConnections;
  readonly service: string;
  readonly foreignServices: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  /** Hears while all primaries are heard. */
  readonly listener: TrackingListener;
}

/** Hears which of our keys are touched, on every primary. */
export interface Tracking {
  /** Resolves when it hears for the first time. */
  readonly hears: Promise<void>;
  close(): void;
}

/** One connection for each primary, for as long as it is one. */
export function openTracking(parts: TrackingParts): Tracking {
  const { listener } = parts;
  let first: () => void = () => undefined;
  const hears = new Promise<void>((resolve) => {
    first = resolve;
  });
  const telling: TrackingListener = {
    touched: (key) => listener.touched(key),
    allTouched: () => listener.allTouched(),
    hears: () => {
      listener.hears();
      first();
    },
    deaf: (reason) => listener.deaf(reason),
  };
  const { connections } = parts;
  const close =
    connections.kind === 'cluster'
      ? trackCluster({ ...parts, connections, listener: telling })
      : trackServer({ ...parts, connections, listener: telling });
  return { hears, close };
}

/** How all keys of a service begin. */
function prefixesOf({ service, foreignServices }: Pick<TrackingParts, 'service' | 'foreignServices'>): string[] {
  return [...new Set([service, ...foreignServices])].map((name) => `app:${name}:`);
}

type Close = () => void;

/** Another server may come in the place of this one, where the old one would be heard in vain. */
function trackServer(parts: TrackingParts & { readonly connections: ServerConnections }): Close {
  const { connections, clock, random, listener } = parts;
  const tracking = new ServerTracking({
    clock,
    prefixes: prefixesOf(parts),
    carrier: () => freshConnection(connections.data, 'tracking'),
    delay: (attempt) => backoff(attempt, random),
    listener,
  });
  const ignore = connections.onState((now) => {
    if (now.state === 'lost') tracking.renew(now.reason);
  });
  return () => {
    ignore();
    tracking.close();
  };
}

function trackCluster(parts: TrackingParts & { readonly connections: ClusterConnections }): Close {
  const primaries = new TrackedPrimaries(parts.connections.data, parts);
  return () => primaries.close();
}

/**
 * The primaries of a cluster, each heard by itself: a node tells of the keys in its own slots. Which ones there are is
 * read from the slot table; while one of them is not heard, this process does not know what others write. One that
 * stopped being a primary is left when the table says so: until then it tells of what it replicates.
 */
class TrackedPrimaries {
  readonly #tracked = new Map<string, ServerTracking>();
  readonly #silent = new Set<string>();
  #isHearing = false;
  #isClosed = false;

  constructor(
    private readonly cluster: RedisCluster,
    private readonly parts: TrackingParts,
  ) {
    // In this moment the pool holds what was just read; between two of its own events it may hold less.
    cluster.on('refresh', () => this.#follow());
    cluster.on('+node', () => this.#addAll());
    this.#addAll();
  }

  close(): void {
    this.#isClosed = true;
    for (const tracking of this.#tracked.values()) tracking.close();
  }

  #follow(): void {
    if (this.#isClosed) return;
    const now = new Set(this.cluster.nodes('master').map(nodeKey));
    // First those that came, so that it is not taken for heard in between.
    this.#addAll();
    for (const [key, tracking] of this.#tracked) {
      if (now.has(key)) continue;
      tracking.close();
      this.#tracked.delete(key);
      this.#silent.delete(key);
    }
    this.#look();
  }

  #addAll(): void {
    if (this.#isClosed) return;
    for (const key of new Set(this.cluster.nodes('master').map(nodeKey))) {
      if (this.#tracked.has(key)) continue;
      this.#lost(key, `NEW: the primary ${key} is not heard yet`);
      this.#tracked.set(key, this.#track(key));
    }
  }

  #track(key: string): ServerTracking {
    const { clock, random, listener } = this.parts;
    return new ServerTracking({
      clock,
      prefixes: prefixesOf(this.parts),
      carrier: () => this.#carrier(key),
      delay: (attempt) => {
        // It may be a primary no longer. Without commands nobody else would notice soon.
        if (!this.#isClosed && this.cluster.status === 'ready') this.cluster.refreshSlotsCache();
        return backoff(attempt, random);
      },
      listener: {
        touched: (touched) => listener.touched(touched),
        allTouched: () => listener.allTouched(),
        hears: () => {
          this.#silent.delete(key);
          this.#look();
        },
        deaf: (reason) => this.#lost(key, `${key}: ${reason}`),
      },
    });
  }

  #carrier(key: string): RedisNode | undefined {
    const node = this.cluster.nodes('master').find((one) => nodeKey(one) === key);
    return node && freshConnection(node, 'tracking');
  }

  #lost(key: string, reason: string): void {
    this.#silent.add(key);
    if (!this.#isHearing) return;
    this.#isHearing = false;
    this.parts.listener.deaf(reason);
  }

  #look(): void {
    if (this.#isHearing || this.#silent.size > 0 || this.#tracked.size === 0) return;
    this.#isHearing = true;
    this.parts.listener.hears();
  }
}
