import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { DataLink } from './data-link.js';
import { failureOf, told, type Failure } from './failure.js';
import type { RedisSender } from './redis-client.js';

class FakeClient extends EventEmitter {
  status = 'wait';
  readonly disconnects: (boolean | undefined)[] = [];
  connects = 0;
  flushed = 0;

  async connect(): Promise<void> {
    this.connects += 1;
  }
  disconnect(reconnect?: boolean): void {
    this.disconnects.push(reconnect);
  }
  flushQueue(): void {
    this.flushed += 1;
  }
  become(status: string): void {
    this.status = status;
    this.emit(status);
  }
}

let clock: FakeClock;
let client: FakeClient;
let found: Failure | undefined;
let heard: string[];
let link: DataLink;
beforeEach(() => {
  clock = new FakeClock();
  client = new FakeClient();
  found = undefined;
  heard = [];
  link = new DataLink({
    client: client as unknown as RedisSender,
    clock,
    random: () => 1,
    check: async () => found,
    ready: () => heard.push('ready'),
    lost: (reason) => heard.push(`lost ${reason}`),
    failed: (failure) => heard.push(`failed ${told(failure)}`),
  });
  link.start();
});

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('the link for data', () => {
  it('is ready when the check has passed', async () => {
    client.become('ready');
    expect([link.isReady, heard]).toEqual([false, []]);
    await settle();
    expect([link.isReady, heard]).toEqual([true, ['ready']]);
  });

  it('is not while the client is not, and tells each change once', async () => {
    client.become('ready');
    await settle();
    client.become('close');
    client.become('reconnecting');
    client.become('close');
    expect([link.isReady, heard]).toEqual([false, ['ready', 'lost CLOSED: the connection was closed']]);
    client.become('ready');
    expect(heard.at(-1)).toBe('ready');
    expect(heard).toHaveLength(3);
  });

  it('says why rather than that the connection closed', () => {
    client.emit('error', refused);
    client.become('close');
    client.emit('node error', new Error('Connection is closed.'));
    expect(link.failure.code).toBe('ECONNREFUSED');
    expect(heard).toEqual(['failed ECONNREFUSED: nothing listens there']);
    clock.advance(10_000);
    client.become('close');
    expect(link.failure.code).toBe('CLOSED');
  });

  it('has no reason but time when nothing was heard', () => {
    expect(link.failure.code).toBe('ETIMEDOUT');
  });

  it('connects anew after a refusal, later each time, and checks again', async () => {
    found = failureOf(new Error('LOADING x'));
    client.become('ready');
    await settle();
    expect([link.isReady, heard]).toEqual([false, ['failed LOADING: it is loading its data']]);
    clock.advance(50);
    expect(client.disconnects).toEqual([true]);
    client.become('ready');
    await settle();
    clock.advance(99);
    expect(client.disconnects).toEqual([true]);
    clock.advance(1);
    expect(client.disconnects).toEqual([true, true]);
    found = undefined;
    client.become('ready');
    await settle();
    expect(link.isReady).toBe(true);
  });

  it('takes a check that throws for a refusal', async () => {
    const broken = new DataLink({
      client: client as unknown as RedisSender,
      clock,
      random: () => 1,
      check: () => Promise.reject(refused),
      ready: () => heard.push('never'),
      lost: () => heard.push('never'),
      failed: (failure) => heard.push(failure.code),
    });
    client.become('ready');
    await settle();
    expect([broken.isReady, heard.includes('ECONNREFUSED'), heard.includes('never')]).toEqual([false, true, false]);
  });

  it('starts again when ioredis has given up', () => {
    client.become('end');
    clock.advance(50);
    expect(client.connects).toBe(2);
  });

  it('empties what a cluster queued whenever it has to connect anew', () => {
    client.become('reconnecting');
    expect(client.flushed).toBe(1);
  });

  it('lets go when stopped', async () => {
    found = failureOf(new Error('LOADING x'));
    client.become('ready');
    await settle();
    link.stop();
    for (const status of ['ready', 'close', 'end']) client.become(status);
    await settle();
    clock.advance(60_000);
    expect([client.connects, client.disconnects, heard.length]).toEqual([1, [], 1]);
  });
});
