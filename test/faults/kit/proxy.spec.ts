import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/redis/wait.js';
import { Wire } from '../../support/redis/wire.js';
import { bandwidth, blackHole, type Conditions, halfOpen, latency, reset, slices } from './conditions.js';
import { type ProxiedServer, proxiedServer } from './proxied.js';
import { Proxy } from './proxy.js';

let front: ProxiedServer;
const wires: Wire[] = [];

beforeAll(async () => {
  front = await proxiedServer({ seed: 1 });
});

afterAll(() => front.stop());

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.close();
  front.proxy.clear();
  front.proxy.reset();
  await eventually('no connection is left', () => front.proxy.links.size === 0);
});

async function open(timeoutMs = 2_000): Promise<Wire> {
  const { host, port } = front.proxy;
  const wire = await Wire.open({ host, port, timeoutMs });
  wires.push(wire);
  return wire;
}

/** How many the server has. */
async function clients(): Promise<number> {
  return String(await front.server.call('CLIENT', 'LIST')).split('\n').length;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** How often the answer to one command arrives as data of its own. */
async function pieces(conditions: Conditions): Promise<number[]> {
  front.proxy.set(conditions);
  const socket = connect(front.proxy.port, front.proxy.host);
  const sizes: number[] = [];
  socket.on('data', (chunk) => sizes.push(chunk.length));
  socket.write(`ECHO ${'x'.repeat(300)}\r\n`);
  await eventually('all has arrived', () => sizes.reduce((sum, size) => sum + size, 0) === 308);
  socket.destroy();
  return sizes;
}

describe('a proxy without conditions', () => {
  it('carries everything both ways, ends included', async () => {
    const wire = await open();
    const value = 'x'.repeat(1_000_000);
    await wire.call('SET', 'big', value);
    expect(await wire.call('GET', 'big')).toBe(value);
    const before = await clients();
    wire.close();
    await eventually('the server has seen the end', async () => (await clients()) === before - 1);
    expect(await timeOf(async () => (await open()).call('PING'))).toBeLessThan(500);
  });

  it('resets the client when nobody listens behind it', async () => {
    const nowhere = await Proxy.start({ host: front.server.host, port: 1 }, { seed: 1 });
    const wire = await Wire.open({ host: nowhere.host, port: nowhere.port });
    await expect(wire.call('PING')).rejects.toThrow('ECONNRESET');
    await nowhere.close();
  });
});

describe('latency', () => {
  it('is added to both ways, and does not narrow the line', async () => {
    const wire = await open();
    expect(await timeOf(() => wire.call('PING'))).toBeLessThan(99);
    front.proxy.set(latency(50));
    expect(await timeOf(() => wire.call('PING'))).toBeGreaterThanOrEqual(99);
    const many = await timeOf(() => Promise.all(Array.from({ length: 500 }, (_, at) => wire.call('ECHO', at))));
    expect(many).toBeLessThan(3_000);
    front.proxy.clear();
    expect(await timeOf(() => wire.call('PING'))).toBeLessThan(99);
  });

  it('may vary, and nothing overtakes', async () => {
    front.proxy.set(latency(1, 20));
    const wire = await open();
    const sent = Array.from({ length: 50 }, (_, at) => String(at));
    expect(await Promise.all(sent.map((word) => wire.call('ECHO', word)))).toEqual(sent);
  });
});

describe('a black hole', () => {
  it('accepts connections and answers nothing', async () => {
    front.proxy.set(blackHole);
    const wire = await open(150);
    await expect(wire.call('PING')).rejects.toThrow('no answer in 150 ms');
    front.proxy.clear();
    expect(await (await open()).call('PING')).toBe('PONG');
  });

  it('swallows what is under way, and gives it back when it closes', async () => {
    const wire = await open(5_000);
    expect(await wire.call('SET', 'hole', 'before')).toBe('OK');
    front.proxy.set(blackHole);
    const late = wire.call('SET', 'hole', 'after');
    await expect(
      Promise.race([late, new Promise((resolve) => void setTimeout(resolve, 100, 'nothing'))]),
    ).resolves.toBe('nothing');
    expect(await front.server.call('GET', 'hole')).toBe('before');
    front.proxy.clear();
    expect(await late).toBe('OK');
    expect(await front.server.call('GET', 'hole')).toBe('after');
  });
});

describe('a half-open connection', () => {
  it('carries requests out whose answers are lost', async () => {
    const wire = await open(200);
    await wire.call('SET', 'half', 'before');
    front.proxy.set(halfOpen('toClient'));
    await expect(wire.call('SET', 'half', 'after')).rejects.toThrow('no answer');
    expect(await front.server.call('GET', 'half')).toBe('after');
  });

  it('or loses the requests', async () => {
    const wire = await open(200);
    await wire.call('SET', 'half', 'before');
    front.proxy.set(halfOpen('toServer'));
    await expect(wire.call('SET', 'half', 'after')).rejects.toThrow('no answer');
    expect(await front.server.call('GET', 'half')).toBe('before');
  });
});

describe('a reset', () => {
  it('breaks every connection, and new ones are served', async () => {
    const [one, two] = [await open(), await open()];
    expect([await one.call('PING'), await two.call('PING')]).toEqual(['PONG', 'PONG']);
    front.proxy.reset();
    await expect(one.call('PING')).rejects.toThrow('ECONNRESET');
    await expect(two.call('PING')).rejects.toThrow('ECONNRESET');
    expect(await (await open()).call('PING')).toBe('PONG');
  });

  it('meets every new connection as a condition', async () => {
    front.proxy.set(reset());
    await expect((await open()).call('PING')).rejects.toThrow('ECONNRESET');
    front.proxy.clear();
    expect(await (await open()).call('PING')).toBe('PONG');
  });

  it('is not taken for an orderly end', async () => {
    const socket = connect(front.proxy.port, front.proxy.host);
    await once(socket, 'connect');
    await eventually('it is through', () => front.proxy.links.size === 1);
    front.proxy.reset();
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('ECONNRESET');
  });

  it('comes in the middle of an answer', async () => {
    front.proxy.set(reset(10));
    const socket = connect(front.proxy.port, front.proxy.host);
    const got: Buffer[] = [];
    socket.on('data', (chunk) => got.push(chunk));
    socket.write('ECHO 0123456789\r\n');
    socket.on('error', () => {});
    await new Promise((resolve) => void socket.once('close', resolve));
    expect(String(Buffer.concat(got))).toBe('$10\r\n01234');
  });
});

describe('slicing', () => {
  it('breaks an answer into fragments of 1 to n bytes', async () => {
    expect(await pieces({})).toEqual([308]);
    const sizes = await pieces(slices(3));
    expect(sizes.length).toBeGreaterThan(50);
  });

  it('does not change what is said', async () => {
    front.proxy.set(slices(7));
    const wire = await open();
    const words = Array.from({ length: 50 }, (_, at) => `слово ${at}`);
    expect(await Promise.all(words.map((word) => wire.call('ECHO', word)))).toEqual(words);
  });
});

describe('bandwidth', () => {
  it('stretches an answer over time', async () => {
    const wire = await open(5_000);
    await wire.call('SET', 'wide', 'x'.repeat(20_000));
    expect(await timeOf(() => wire.call('GET', 'wide'))).toBeLessThan(300);
    front.proxy.set(bandwidth(50_000));
    const ms = await timeOf(() => wire.call('GET', 'wide'));
    expect(ms).toBeGreaterThan(350);
    expect(ms).toBeLessThan(2_000);
  });
});

describe('conditions', () => {
  it('hold for one connection and leave the others alone', async () => {
    const one = await open(150);
    await one.call('PING');
    const two = await open();
    await two.call('PING');
    const [first] = front.proxy.links;
    first?.set(blackHole);
    await expect(one.call('PING')).rejects.toThrow('no answer');
    expect(await two.call('PING')).toBe('PONG');
  });

  it('add up', async () => {
    front.proxy.set({ ...latency(30), ...slices(4) });
    const wire = await open();
    expect(await timeOf(async () => expect(await wire.call('ECHO', 'whole')).toBe('whole'))).toBeGreaterThanOrEqual(59);
  });
});
