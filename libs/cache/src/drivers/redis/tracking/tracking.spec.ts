import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../../test/support/core.js';
import type { RedisConnections, RedisState } from '../redis-connections.js';
import { openTracking, type Tracking } from './tracking.js';

/** One connection to a server, as a pattern for others or as one of these. */
class FakeNode extends EventEmitter {
  readonly asked: unknown[][] = [];
  readonly made: FakeNode[] = [];
  readonly options: { readonly host: string; readonly port: number };
  isGone = false;

  constructor(readonly port: number) {
    super();
    this.options = { host: 'h', port };
  }
  duplicate(): FakeNode {
    const made = new FakeNode(this.port);
    this.made.push(made);
    return made;
  }
  async connect(): Promise<void> {}
  async call(...command: unknown[]): Promise<unknown> {
    this.asked.push(command);
    return command[1] === 'ID' ? 7 : 'OK';
  }
  async subscribe(...channels: string[]): Promise<void> {
    this.asked.push(['SUBSCRIBE', ...channels]);
  }
  disconnect(): void {
    this.isGone = true;
  }
  invalidate(keys: readonly string[] | null): void {
    this.emit('messageBuffer', Buffer.from('__redis__:invalidate'), keys?.map((key) => Buffer.from(key)) ?? null);
  }
  /** The connection that is tracked by now. */
  get tracked(): FakeNode {
    return this.made.at(-1) ?? new FakeNode(0);
  }
}

class FakeCluster extends EventEmitter {
  readonly status = 'ready';
  refreshes = 0;
  constructor(public primaries: FakeNode[]) {
    super();
  }
  nodes(): FakeNode[] {
    return this.primaries;
  }
  refreshSlotsCache(): void {
    this.refreshes += 1;
  }
  become(...primaries: FakeNode[]): void {
    this.primaries = primaries;
    this.emit('refresh');
  }
}

let clock: FakeClock;
let told: string[];
beforeEach(() => {
  clock = new FakeClock();
  told = [];
});

function open(connections: object): Tracking {
  return openTracking({
    connections: connections as RedisConnections,
    service: 'lake',
    foreignServices: ['pond', 'lake'],
    clock,
    random: () => 1,
    listener: {
      touched: (key) => told.push(key),
      allTouched: () => told.push('all'),
      hears: () => told.push('hears'),
      deaf: (reason) => told.push(`deaf ${reason}`),
    },
  });
}

describe('what one server tells', () => {
  it('is asked for before it is subscribed to, by each new connection', async () => {
    const data = new FakeNode(1);
    let lost: (state: RedisState) => void = () => undefined;
    const onState = (listener: typeof lost) => {
      lost = listener;
      return () => (lost = () => undefined);
    };
    const tracking = open({ kind: 'standalone', data, onState });
    await tracking.hears;
    const first = data.tracked;
    const asked = [
      ['CLIENT', 'ID'],
      ['CLIENT', 'TRACKING', 'ON', 'REDIRECT', 7, 'BCAST', 'PREFIX', 'app:lake:', 'PREFIX', 'app:pond:'],
      ['SUBSCRIBE', '__redis__:invalidate'],
    ];
    expect(first.asked).toEqual(asked);
    first.invalidate(['app:lake:a,b', 'app:pond:c']);
    first.invalidate(null);
    expect(told).toEqual(['hears', 'app:lake:a,b', 'app:pond:c', 'all']);
    lost({ state: 'lost', address: 'h:1', reason: 'gone' });
    clock.advance(100);
    await settle();
    expect([told.slice(4), first.isGone, data.tracked.asked]).toEqual([['deaf gone', 'hears'], true, asked]);
    tracking.close();
    expect(data.tracked.isGone).toBe(true);
  });
});

describe('what the primaries of a cluster tell', () => {
  const [a, b, c] = [1, 2, 3].map((port) => new FakeNode(port)) as [FakeNode, FakeNode, FakeNode];

  async function opened(...primaries: FakeNode[]) {
    const data = new FakeCluster(primaries);
    const tracking = open({ kind: 'cluster', data });
    await settle();
    return { data, tracking };
  }

  it('is heard when all are, however late the first is known', async () => {
    const { data } = await opened();
    expect(told).toEqual([]);
    data.become(a, b);
    expect(told).toEqual([]);
    await settle();
    expect(told).toEqual(['hears']);
    a.tracked.invalidate(['app:lake:1']);
    b.tracked.invalidate(['app:lake:2']);
    expect(told).toEqual(['hears', 'app:lake:1', 'app:lake:2']);
  });

  it('may be missed from a new one until it is heard', async () => {
    const { data } = await opened(a, b);
    data.primaries = [a, b, c];
    data.emit('+node', c);
    expect(told).toEqual(['hears', 'deaf NEW: the primary h:3 is not heard yet']);
    await settle();
    expect(told.at(-1)).toBe('hears');
  });

  it('ends with one that is no primary any more, and the others are heard on', async () => {
    const { data } = await opened(a, b);
    const left = b.tracked;
    data.become(a);
    expect([told, left.isGone, a.tracked.isGone]).toEqual([['hears'], true, false]);
    left.invalidate(['app:lake:too late']);
    expect(told).toEqual(['hears']);
  });

  it('is missed while the connection to one is gone, until that is taken anew or replaced', async () => {
    const { data } = await opened(a, b);
    b.tracked.emit('end');
    expect([told.slice(1), data.refreshes]).toEqual([['deaf h:2: CLOSED: the connection was closed'], 1]);
    clock.advance(100);
    await settle();
    expect(told.slice(2)).toEqual(['hears']);
    b.tracked.emit('end');
    data.become(a, c);
    await settle();
    expect(told.slice(3)).toEqual(['deaf h:2: CLOSED: the connection was closed', 'hears']);
    b.tracked.invalidate(['app:lake:2']);
    c.tracked.invalidate(['app:lake:3']);
    expect(told.slice(5)).toEqual(['app:lake:3']);
  });

  it('is nothing to us once closed', async () => {
    const { data, tracking } = await opened(a, b);
    tracking.close();
    data.become(c);
    await settle();
    clock.advance(60_000);
    expect([told, a.tracked.isGone, b.tracked.isGone, data.refreshes]).toEqual([['hears'], true, true, 0]);
  });
});
