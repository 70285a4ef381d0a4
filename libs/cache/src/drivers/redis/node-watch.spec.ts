import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchNodes } from './node-watch.js';
import type { RedisCluster } from './redis-client.js';

class FakeNode {
  constructor(
    readonly name: string,
    public status: string,
  ) {}

  connect(): Promise<void> {
    this.status = 'connecting';
    return Promise.reject(new Error('Connection is closed.'));
  }
}

class FakeCluster extends EventEmitter {
  status = 'ready';
  primaries: FakeNode[] = [];
  replicas: FakeNode[] = [];

  nodes(role?: string): FakeNode[] {
    return role === 'master' ? this.primaries : [...this.primaries, ...this.replicas];
  }

  get opened(): string[] {
    return this.nodes()
      .filter(({ status }) => status !== 'wait')
      .map(({ name }) => name);
  }
}

function watched(primaries: readonly string[], replicas: readonly string[] = []): FakeCluster {
  const cluster = new FakeCluster();
  cluster.primaries = primaries.map((name) => new FakeNode(name, 'wait'));
  cluster.replicas = replicas.map((name) => new FakeNode(name, 'wait'));
  watchNodes(cluster as unknown as RedisCluster, () => 0.5);
  return cluster;
}

describe('the watch over the nodes of a cluster', () => {
  it('opens one connection, to a primary, when none is open', () => {
    const cluster = watched(['a', 'b', 'c'], ['d', 'e', 'f']);
    cluster.emit('ready');
    expect(cluster.opened).toEqual(['b']);
    cluster.emit('ready');
    expect(cluster.opened).toEqual(['b']);
  });

  it('opens the next when the last open one has ended, be it a replica', () => {
    const cluster = watched(['a'], ['b']);
    cluster.emit('ready');
    expect(cluster.opened).toEqual(['a']);
    cluster.primaries = [];
    cluster.emit('-node');
    expect(cluster.opened).toEqual(['b']);
    cluster.replicas = [];
    cluster.emit('-node');
    expect(cluster.opened).toEqual([]);
  });

  it('opens none while the client is away or closes', () => {
    const cluster = watched(['a']);
    for (const status of ['close', 'connecting', 'disconnecting', 'end']) {
      cluster.status = status;
      cluster.emit('-node');
    }
    expect(cluster.opened).toEqual([]);
  });
});
