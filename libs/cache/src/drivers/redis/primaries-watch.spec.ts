import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { watchPrimaries } from './primaries-watch.js';
import type { RedisCluster } from './redis-client.js';

class FakeCluster extends EventEmitter {
  status = 'ready';
  primaries: number[] = [];
  readings = 0;

  nodes(role: string): object[] {
    expect(role).toBe('master');
    return this.primaries.map((port) => ({ options: { host: 'h', port } }));
  }
  refreshSlotsCache(): void {
    this.readings += 1;
  }
  read(...primaries: number[]): void {
    this.primaries = primaries;
    this.emit('refresh');
  }
}

let clock: FakeClock;
let cluster: FakeCluster;
let told: string[];
let stop: () => void;
beforeEach(() => {
  clock = new FakeClock();
  cluster = new FakeCluster();
  told = [];
  stop = watchPrimaries(cluster as unknown as RedisCluster, clock, (reason) => told.push(reason));
  cluster.read(1, 2, 3);
});

describe('the watch over the primaries of a cluster', () => {
  it('tells when one is replaced, has left, or all are others', () => {
    cluster.read(1, 2, 4);
    expect(told).toEqual(['PRIMARY_GONE: no primary any more: h:3']);
    cluster.read(4, 2);
    cluster.read(5, 6);
    expect(told.slice(1)).toEqual([
      'PRIMARY_GONE: no primary any more: h:1',
      'PRIMARY_GONE: no primary any more: h:4, h:2',
    ]);
  });

  it('is silent when they are the same, in whatever order, and when one joins', () => {
    cluster.read(3, 1, 2);
    cluster.read(3, 1, 2, 4);
    expect(told).toEqual([]);
  });

  it('goes by what was read, not by what redirects and lost connections make of it', () => {
    cluster.primaries = [1];
    cluster.emit('-node');
    cluster.read(1, 2, 3);
    expect(told).toEqual([]);
  });

  it('has the slot table read every five seconds, while the cluster is there', () => {
    clock.advance(4_999);
    expect(cluster.readings).toBe(0);
    clock.advance(1);
    clock.advance(5_000);
    expect(cluster.readings).toBe(2);
    cluster.status = 'reconnecting';
    clock.advance(20_000);
    expect(cluster.readings).toBe(2);
    cluster.status = 'ready';
    clock.advance(5_000);
    expect(cluster.readings).toBe(3);
    stop();
    clock.advance(60_000);
    expect(cluster.readings).toBe(3);
  });
});
