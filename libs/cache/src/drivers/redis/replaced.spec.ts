import { EventEmitter } from 'node:events';
import slotOf from 'cluster-key-slot';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterConnections, RedisState, ServerConnections } from './redis-connections.js';
import { watchReplaced } from './replaced.js';

const keys = Array.from({ length: 100 }, (_, at) => `app:lake:town:${at}`);

/** The keys that each message concerns. */
let told: (readonly string[])[];
const replaced = (isConcerned: (key: string) => boolean) => void told.push(keys.filter(isConcerned));
beforeEach(() => {
  told = [];
});

describe('the servers of a cluster', () => {
  const nodeOf = (port: number) => ({ options: { host: 'h', port } });
  let cluster: EventEmitter & { slots: (string[] | undefined)[] };
  let stop: () => void;
  const owned = (of: (slot: number) => string[] | undefined) => Array.from({ length: 16_384 }, (_, slot) => of(slot));
  const half = (slot: number) => (slot < 8_192 ? 1 : 2);
  const below = keys.filter((key) => slotOf(key) < 8_192);

  beforeEach(() => {
    const slots = owned((slot) => [`h:${half(slot)}`, 'h:9']);
    cluster = Object.assign(new EventEmitter(), { slots });
    stop = watchReplaced({ kind: 'cluster', data: cluster } as unknown as ClusterConnections, replaced);
  });

  it('concern the keys of the slots that another serves', () => {
    cluster.slots = owned((slot) => [slot < 8_192 ? 'h:9' : 'h:2']);
    expect(told).toEqual([]);
    cluster.emit('refresh');
    expect(told).toEqual([below]);
    cluster.emit('refresh');
    expect(told).toHaveLength(1);
  });

  it('concern keys also where a redirect has told before', () => {
    const slot = slotOf(keys[0] ?? '');
    cluster.slots[slot] = ['h:7'];
    cluster.emit('refresh');
    expect(told).toEqual([keys.filter((key) => slotOf(key) === slot)]);
  });

  it('concern all keys of one to which the connection was lost: it may have been started anew', () => {
    cluster.emit('-node', nodeOf(1));
    expect(told).toEqual([below]);
    cluster.emit('-node', nodeOf(9));
    cluster.emit('refresh');
    expect(told).toHaveLength(1);
  });

  it('concern nobody while all is as before, nor when they are met for the first time', () => {
    cluster.emit('refresh');
    const first = Object.assign(new EventEmitter(), { slots: [] as (string[] | undefined)[] });
    watchReplaced({ kind: 'cluster', data: first } as unknown as ClusterConnections, replaced);
    first.slots = owned(() => ['h:1']);
    first.emit('refresh');
    expect(told).toEqual([]);
  });

  it('are let be in the end', () => {
    stop();
    cluster.slots = [];
    cluster.emit('refresh');
    expect([told, cluster.eventNames()]).toEqual([[], []]);
  });
});

describe('one server', () => {
  it('concerns all keys whenever its connection ends, and when there is another', () => {
    let listener: (state: RedisState) => void = () => undefined;
    const onState = (one: typeof listener) => {
      listener = one;
      return () => (listener = () => undefined);
    };
    const stop = watchReplaced({ kind: 'standalone', onState } as unknown as ServerConnections, replaced);
    listener({ state: 'lost', address: 'h:1', reason: 'CLOSED' });
    expect(told).toEqual([keys]);
    listener({ state: 'ready', address: 'h:1' });
    expect(told).toEqual([keys, keys]);
    stop();
    listener({ state: 'ready', address: 'h:1' });
    expect(told).toHaveLength(2);
  });
});
