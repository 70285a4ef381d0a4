import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RedisCluster } from './redis-client.js';
import { SlotOwners } from './slot-owners.js';

const nodeOf = (port: number, status = 'ready') => ({ status, options: { host: 'h', port } });

let cluster: EventEmitter & { slots: (string[] | undefined)[] };
let owners: SlotOwners;
beforeEach(() => {
  cluster = Object.assign(new EventEmitter(), { slots: [['h:1', 'h:2'], undefined, ['h:3']] });
  owners = new SlotOwners(cluster as unknown as RedisCluster);
});

describe('the owner of a slot', () => {
  it('is the ready connection to its primary', () => {
    const one = nodeOf(1);
    cluster.emit('+node', one);
    expect(owners.ownerOf(0)).toEqual({ client: one, key: 'h:1' });
    expect(owners.ownerOf(0)).toBe(owners.ownerOf(0));
  });

  it('is unknown without one', () => {
    cluster.emit('+node', nodeOf(1, 'wait'));
    cluster.emit('+node', nodeOf(2));
    expect([0, 1, 2, 16_384].map((slot) => owners.ownerOf(slot))).toEqual(Array(4).fill(undefined));
  });

  it('follows the slot table and the nodes', () => {
    const [old, fresh] = [nodeOf(1), nodeOf(1)];
    cluster.emit('+node', old);
    cluster.emit('+node', fresh);
    cluster.emit('-node', old);
    expect(owners.ownerOf(0)?.client).toBe(fresh);
    cluster.emit('-node', fresh);
    expect(owners.ownerOf(0)).toBeUndefined();
    cluster.emit('+node', nodeOf(2));
    cluster.slots[0] = ['h:2'];
    expect(owners.ownerOf(0)?.key).toBe('h:2');
  });
});
