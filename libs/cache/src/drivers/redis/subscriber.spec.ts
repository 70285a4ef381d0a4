import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import type { RedisNode } from './redis-client.js';
import { RedisSubscriber, type ChannelListener } from './subscriber.js';

class FakeCarrier extends EventEmitter {
  readonly options = { host: 'h', port: 1 };
  readonly channels: string[] = [];
  isGone = false;
  refuse = { connect: false, subscribe: false, ping: false };

  async connect(): Promise<void> {
    if (this.refuse.connect) throw new Error('Connection is closed.');
  }
  async subscribe(...channels: string[]): Promise<void> {
    if (this.refuse.subscribe) throw new Error('NOPERM x');
    this.channels.push(...channels);
  }
  async unsubscribe(channel: string): Promise<void> {
    this.channels.splice(this.channels.indexOf(channel), 1);
  }
  async ping(): Promise<void> {
    if (this.refuse.ping) throw new Error('Command timed out');
  }
  disconnect(): void {
    this.isGone = true;
  }
}

let clock: FakeClock;
let carriers: FakeCarrier[];
let prepare: (carrier: FakeCarrier) => void;
let subscriber: RedisSubscriber;
let heard: string[];
const last = (): FakeCarrier => carriers.at(-1) ?? new FakeCarrier();
const listener = (name = ''): ChannelListener => ({
  subscribed: () => heard.push(`${name}up`),
  lost: (reason) => heard.push(`${name}lost ${reason}`),
  message: (payload) => heard.push(`${name}${payload.toString()}`),
});

beforeEach(() => {
  clock = new FakeClock();
  carriers = [];
  heard = [];
  prepare = () => undefined;
  subscriber = new RedisSubscriber({
    clock,
    delay: (attempt) => attempt * 100,
    carrier: () => {
      const carrier = new FakeCarrier();
      prepare(carrier);
      carriers.push(carrier);
      return carrier as unknown as RedisNode;
    },
  });
});

describe('the subscriber', () => {
  it('connects when somebody listens, and says when the subscription stands', async () => {
    expect(carriers).toEqual([]);
    subscriber.listen('a', listener());
    expect(heard).toEqual([]);
    await settle();
    last().emit('messageBuffer', Buffer.from('a'), Buffer.from('1'));
    last().emit('messageBuffer', Buffer.from('b'), Buffer.from('2'));
    expect([heard, last().channels, subscriber.server]).toEqual([['up', '1'], ['a'], 'h:1']);
  });

  it('shares one connection between listeners and channels, whenever they come', async () => {
    subscriber.listen('a', listener('a '));
    subscriber.listen('b', listener('b '));
    await settle();
    subscriber.listen('c', listener('c '));
    const stop = subscriber.listen('a', listener('A '));
    await settle();
    expect(heard).toEqual(['a up', 'b up', 'A up', 'c up']);
    expect([carriers.length, last().channels]).toEqual([1, ['a', 'b', 'c']]);
    stop();
    last().emit('messageBuffer', Buffer.from('a'), Buffer.from('1'));
    expect(heard.at(-1)).toBe('a 1');
  });

  it('catches up with a channel that came while it subscribed', async () => {
    prepare = (carrier) => {
      carrier.subscribe = async (...channels) => {
        if (channels.includes('a')) subscriber.listen('late', listener('late '));
        carrier.channels.push(...channels);
      };
    };
    subscriber.listen('a', listener());
    await settle();
    expect([heard, last().channels]).toEqual([
      ['up', 'late up'],
      ['a', 'late'],
    ]);
  });

  it('unsubscribes when the last listener goes', async () => {
    const stops = [subscriber.listen('a', listener()), subscriber.listen('a', listener())];
    await settle();
    stops[0]?.();
    expect(last().channels).toEqual(['a']);
    stops[1]?.();
    stops[1]?.();
    expect(last().channels).toEqual([]);
  });

  it('takes a new connection when the old one ends, and tells both', async () => {
    subscriber.listen('a', listener());
    await settle();
    const [old] = carriers;
    old?.emit('error', new Error('read ECONNRESET'));
    old?.emit('end');
    old?.emit('end');
    expect([heard.at(-1), subscriber.server]).toEqual(['lost CLOSED: the connection was closed', undefined]);
    old?.emit('messageBuffer', Buffer.from('a'), Buffer.from('too late'));
    clock.advance(100);
    await settle();
    expect(heard).toEqual(['up', 'lost CLOSED: the connection was closed', 'up']);
    expect(carriers).toHaveLength(2);
  });

  it('tries again with growing pauses, from the first after a success', async () => {
    prepare = (carrier) => (carrier.refuse.connect = carriers.length < 2);
    subscriber.listen('a', listener());
    await settle();
    clock.advance(99);
    expect(carriers).toHaveLength(1);
    clock.advance(1);
    await settle();
    clock.advance(199);
    expect(carriers).toHaveLength(2);
    clock.advance(1);
    await settle();
    expect(heard).toEqual(['up']);
    last().emit('end');
    clock.advance(100);
    expect(carriers).toHaveLength(4);
  });

  it.each(['subscribe', 'ping'] as const)('drops a connection that fails to %s', async (command) => {
    prepare = (carrier) => (carrier.refuse[command] = carriers.length === 0);
    subscriber.listen('a', listener());
    await settle();
    clock.advance(1_000);
    await settle();
    expect(carriers[0]?.isGone).toBe(true);
    clock.advance(100);
    await settle();
    expect(heard).toEqual(command === 'ping' ? ['up', 'lost ETIMEDOUT: no answer in time', 'up'] : ['up']);
  });

  it('asks each connection what it has to before it subscribes, and drops one that refuses', async () => {
    const asked: unknown[] = [];
    const choosy = new RedisSubscriber({
      clock,
      delay: () => 100,
      carrier: () => {
        carriers.push(new FakeCarrier());
        return last() as unknown as RedisNode;
      },
      prepare: async (carrier) => {
        asked.push([carrier, [...last().channels]]);
        if (asked.length === 1) throw new Error('NOPERM x');
      },
    });
    choosy.listen('a', listener());
    await settle();
    expect([carriers[0]?.isGone, carriers[0]?.channels, heard]).toEqual([true, [], []]);
    clock.advance(100);
    await settle();
    expect([asked, heard, last().channels]).toEqual([
      [
        [carriers[0], []],
        [carriers[1], []],
      ],
      ['up'],
      ['a'],
    ]);
  });

  it('moves when told to', async () => {
    subscriber.renew('nothing to renew');
    subscriber.listen('a', listener());
    await settle();
    subscriber.renew('h:1 left');
    clock.advance(100);
    await settle();
    expect([heard, carriers[0]?.isGone]).toEqual([['up', 'lost h:1 left', 'up'], true]);
  });

  it('waits while there is nowhere to connect to', async () => {
    let isThere = false;
    const nowhere = new RedisSubscriber({
      clock,
      delay: () => 100,
      carrier: () => (isThere ? (new FakeCarrier() as unknown as RedisNode) : undefined),
    });
    nowhere.listen('a', listener());
    clock.advance(1_000);
    isThere = true;
    clock.advance(100);
    await settle();
    expect(heard).toEqual(['up']);
  });

  it('is silent when closed', async () => {
    subscriber.listen('a', listener());
    await settle();
    subscriber.close();
    last().emit('end');
    clock.advance(60_000);
    expect([heard, carriers.length, last().isGone]).toEqual([['up'], 1, true]);
  });
});
