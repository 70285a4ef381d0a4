import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { loadIoredis } from '../load-ioredis.js';
import type { RedisNode } from '../redis-client.js';
import { LightNode } from './light-node.js';

/** Looks like a command of ioredis to whoever reads replies. */
interface Sent {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly promise: unknown;
  readonly isTraced: boolean;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  toWritable(): string | Buffer;
}

const VERSIONS = [
  ['ioredis 6', () => loadIoredis()],
  ['ioredis 5', () => loadIoredis(() => require('ioredis-5'))],
] as const;

describe.each(VERSIONS)('a light command of %s', (_, load) => {
  const { Redis } = load();
  const node = () => new Redis({ lazyConnect: true, enableOfflineQueue: false });

  function sending() {
    const real = node();
    const sent: Sent[] = [];
    const own: RedisNode = Object.create(real, { sendCommand: { value: (command: Sent) => sent.push(command) } });
    return { sent, light: new LightNode(own) };
  }

  it('is written as Redis reads it, text as text', () => {
    const { sent, light } = sending();
    light.get(
      'app:lake:town:1',
      () => undefined,
      () => undefined,
    );
    void light.call('EVALSHA', 'sha', 1, 'k:€', 5);
    expect(sent.map((command) => command.toWritable())).toEqual([
      '*2\r\n$3\r\nget\r\n$15\r\napp:lake:town:1\r\n',
      '*5\r\n$7\r\nEVALSHA\r\n$3\r\nsha\r\n$1\r\n1\r\n$5\r\nk:€\r\n$1\r\n5\r\n',
    ]);
  });

  it('is written as bytes where it holds some', () => {
    const { sent, light } = sending();
    void light.call('SET', 'k', Buffer.from([0xff, 0x0d]), 'PX', Buffer.alloc(0));
    expect(sent[0]?.toWritable()).toEqual(
      Buffer.concat([
        Buffer.from('*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n'),
        Buffer.from([0xff, 0x0d]),
        Buffer.from('\r\n$2\r\nPX\r\n$0\r\n\r\n'),
      ]),
    );
  });

  it('is one of its own commands to ioredis, which finds there what it asks for', () => {
    const { sent, light } = sending();
    void light.call('GET', 'k');
    let own: object | undefined;
    const mute: RedisNode = Object.create(node(), { sendCommand: { value: (command: object) => (own = command) } });
    void mute.getBuffer('k');
    expect(sent[0]).toBeInstanceOf((own as object).constructor);
    expect(sent[0]).toMatchObject({ name: 'GET', args: ['k'], isTraced: true, promise: undefined });
  });

  it('hands on the reply or the error, also where whoever traces calls it without its object', async () => {
    const { sent, light } = sending();
    const reply = light.call('GET', 'k');
    const failed = light.call('GET', 'k');
    const { resolve } = sent[0] ?? expect.fail();
    resolve(Buffer.from('v'));
    sent[1]?.reject(new Error('gone'));
    expect(await reply).toEqual(Buffer.from('v'));
    await expect(failed).rejects.toThrow('gone');
  });

  it('fails at once where nothing can be written', async () => {
    const real = node();
    real.on('error', () => undefined);
    const light = new LightNode(real);
    real.disconnect();
    await expect(light.call('GET', 'k')).rejects.toThrow();
    const error = await new Promise<Error>((resolve) => light.get('k', () => undefined, resolve));
    expect(error.message).toMatch(/isn't writeable|closed/);
  });
});

it('refuses a client that makes no commands as ioredis does', () => {
  const odd = Object.assign(new EventEmitter(), { getBuffer: async () => null });
  expect(() => new LightNode(odd as unknown as RedisNode)).toThrow('this version of ioredis is not known');
});
