import { beforeEach, describe, expect, it } from 'vitest';
import { entryOf, FakeClock, settle } from '../../../../../../test/support/core.js';
import { Codecs } from '../../../core/entry/codec.js';
import { tombstone } from '../../../core/entry/entry.js';
import { sealEntry, type Unreadable } from '../../../core/entry/envelope.js';
import { CacheReadError, CacheTimeoutError, CacheWriteError } from '../../../core/errors.js';
import type { Headers } from '../../../core/layers/doubts.js';
import type { Fence } from '../../../core/layers/fence.js';
import type { Layer } from '../../../core/layers/layer.js';
import { MessagePackCodec } from '../../codec/message-pack.js';
import type { RedisArgument, RedisNode } from '../redis-client.js';
import { redisEntries, type RedisLayerParts } from './redis-layer.js';

const codecs = new Codecs([new MessagePackCodec()]);
const full = (id: string) => `app:lake:${id}`;
const turn = () => new Promise((resolve) => setImmediate(resolve));

class CommandOfIoredis {
  readonly name: string = '';
  readonly args: readonly RedisArgument[] = [];
  readonly resolve: (reply: unknown) => void = () => undefined;
  readonly reject: (error: Error) => void = () => undefined;
}

/** A server that answers when the test says so. */
class FakeServer {
  readonly asked: { command: readonly unknown[]; answer: (reply: unknown) => void; fail: (error: Error) => void }[] =
    [];
  ask(...command: unknown[]): Promise<unknown> {
    return new Promise((answer, fail) => void this.asked.push({ command, answer, fail }));
  }
  mgetBuffer = (keys: string[]) => this.ask('MGET', ...keys) as Promise<(Buffer | null)[]>;
  /** Shows what a command of ioredis is. */
  getBuffer(): void {
    this.sendCommand(new CommandOfIoredis());
  }
  sendCommand({ name, args, resolve, reject }: CommandOfIoredis): void {
    this.asked.push({ command: [name, ...args], answer: resolve, fail: reject });
  }
}

let clock: FakeClock;
let server: FakeServer;
let isReady: boolean;
let layer: Layer;
let fence: Fence;
let rules: Pick<RedisLayerParts, 'patience' | 'breakers'>;
let headers: Headers;
let seen: number[];
let changed: [string, number][];
let unreadable: [string, Unreadable][];
let told: number;
let answered: string[];
beforeEach(() => {
  rules = {};
  begin();
});

function begin(): void {
  clock = new FakeClock();
  server = new FakeServer();
  isReady = true;
  seen = [];
  changed = [];
  unreadable = [];
  told = 0;
  answered = [];
  const data = server as unknown as RedisNode;
  ({ layer, headers, fence } = redisEntries(
    { kind: 'standalone', data, isReady: () => isReady },
    {
      clock,
      local: clock,
      codecs,
      fullKey: (id) => {
        if (id === '') throw new TypeError('no key');
        return full(id);
      },
      channel: () => 'bus',
      announce: ({ kind }) => {
        const number = ++told;
        return {
          head: `${number} ${kind} `,
          sent: () => answered.push(`${number} sent`),
          unsure: () => answered.push(`${number} unsure`),
        };
      },
      seen: (assigned) => seen.push(assigned),
      changed: (id, assigned) => changed.push([id, assigned]),
      highest: () => 0,
      learn: () => undefined,
      unreadable: (...about) => unreadable.push(about),
      ...rules,
    },
  ));
}

const bytesOf = (id: string, value: unknown = id, assigned = 1) =>
  Buffer.from(
    sealEntry(entryOf(value, clock.now(), { version: { source: undefined, assigned } }), { key: full(id), codecs }),
  );
const read = async (id: string) => layer.read(id);
const store = async (id: string, cause: 'load' | 'write' = 'load') => layer.store(id, entryOf('x', clock.now()), cause);
const valueOf = async (id: string) => {
  const found = await read(id);
  return found?.kind === 'value' ? found.value : found;
};
const statusOf = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason));

describe('reads', () => {
  it('of a tick are one MGET, and each gets its own answer', async () => {
    const answers = Promise.all(['a', 'b', 'a', 'c'].map(valueOf));
    await turn();
    expect(server.asked.map(({ command }) => command)).toEqual([['MGET', full('a'), full('b'), full('a'), full('c')]]);
    server.asked[0]?.answer([bytesOf('a'), null, bytesOf('a'), bytesOf('c')]);
    expect(await answers).toEqual(['a', undefined, 'a', 'c']);
  });

  it('get their own answer also where batches are answered in another order', async () => {
    const first = valueOf('a');
    await turn();
    const second = valueOf('b');
    await turn();
    server.asked[1]?.answer([bytesOf('b')]);
    expect(await second).toBe('b');
    server.asked[0]?.answer([bytesOf('a')]);
    expect(await first).toBe('a');
  });

  it.each([
    ['fewer values than keys', () => [bytesOf('a')]],
    ['more values than keys', () => [bytesOf('a'), null, null]],
    ['no list', () => 'OK'],
    ['nothing', () => null],
  ])('all fail where a reply has %s', async (_, reply) => {
    const outcomes = Promise.allSettled([read('a'), read('b')]);
    await turn();
    server.asked[0]?.answer(reply());
    expect(statusOf(await outcomes)).toEqual([expect.any(CacheReadError), expect.any(CacheReadError)]);
  });

  it('never get what was asked under another key', async () => {
    const outcomes = Promise.all(['a', 'b'].map(valueOf));
    await turn();
    server.asked[0]?.answer([bytesOf('b'), bytesOf('a')]);
    expect(await outcomes).toEqual([undefined, undefined]);
    expect(unreadable).toEqual([
      [full('a'), 'checksum'],
      [full('b'), 'checksum'],
    ]);
  });

  it('end in time where nothing is answered, and do not hear what comes after', async () => {
    const outcomes = Promise.allSettled([read('a'), read('b')]);
    await turn();
    clock.advance(999);
    await settle();
    clock.advance(1);
    const [one, other] = statusOf(await outcomes);
    expect(one).toBeInstanceOf(CacheTimeoutError);
    expect(one).toMatchObject({ key: full('a'), layer: 'shared' });
    expect(other).toMatchObject({ key: full('b'), code: 'TIMEOUT' });
    server.asked[0]?.answer([bytesOf('a', 'late', 7), Buffer.from('foreign')]);
    await settle();
    expect([seen, unreadable]).toEqual([[], []]);
    const next = valueOf('a');
    await turn();
    server.asked[1]?.answer([bytesOf('a', 'next')]);
    expect(await next).toBe('next');
  });

  it('have a deadline for their batch and no other', async () => {
    const first = Promise.allSettled([read('a')]);
    await turn();
    clock.advance(600);
    const second = valueOf('b');
    await turn();
    clock.advance(400);
    expect(statusOf(await first)[0]).toBeInstanceOf(CacheTimeoutError);
    server.asked[1]?.answer([bytesOf('b')]);
    expect(await second).toBe('b');
  });

  it('fail with what the connection says, each for its key', async () => {
    const outcomes = Promise.allSettled([read('a'), read('b')]);
    await turn();
    server.asked[0]?.fail(new Error('Connection is closed.'));
    const [one] = statusOf(await outcomes);
    expect(one).toBeInstanceOf(CacheReadError);
    expect(one).toMatchObject({ key: full('a'), layer: 'shared', cause: { message: 'Connection is closed.' } });
  });

  it('that cannot be a key fail, and not those beside them', async () => {
    const outcomes = Promise.allSettled([read(''), valueOf('a')]);
    await turn();
    server.asked[0]?.answer([bytesOf('a')]);
    expect(statusOf(await outcomes)).toEqual([expect.any(TypeError), 'a']);
  });

  it('tell of the highest version they show', async () => {
    const answers = Promise.all(['a', 'b', 'c'].map(valueOf));
    await turn();
    server.asked[0]?.answer([bytesOf('a', 'a', 7), bytesOf('b', 'b', 9), bytesOf('c', 'c', 8)]);
    await answers;
    expect(seen).toEqual([7, 9]);
  });

  it('do not give what is over by its own times', async () => {
    const bytes = bytesOf('a');
    clock.advance(1_000);
    const answer = read('a');
    await turn();
    server.asked[0]?.answer([bytes]);
    expect(await answer).toBeUndefined();
    expect(seen).toEqual([1]);
  });
});

describe('headers', () => {
  const header = async (id: string) => (await headers.header(id))?.version.assigned;

  it('of a tick are asked for together, without the values', async () => {
    const answers = Promise.all(['a', 'b', 'a'].map(header));
    await turn();
    expect(server.asked.map(({ command }) => command)).toEqual(
      ['a', 'b', 'a'].map((id) => ['getrange', full(id), 0, 103]),
    );
    for (const [at, id] of ['a', 'b', 'a'].entries()) {
      server.asked[at]?.answer(bytesOf(id, 'x'.repeat(1_000), at + 1).subarray(0, 104));
    }
    expect(await answers).toEqual([1, 2, 3]);
    expect(seen).toEqual([1, 2, 3]);
  });

  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['less than a header', () => bytesOf('a').subarray(0, 103)],
    ['what is no header', () => Buffer.alloc(104)],
    [
      'a tombstone',
      () => Buffer.from(sealEntry(tombstone({ source: undefined, assigned: 1 }, 0, 1e15), { key: 'a', codecs })),
    ],
  ])('are none where there is %s', async (_, reply) => {
    const answer = header('a');
    await turn();
    server.asked[0]?.answer(reply());
    expect(await answer).toBeUndefined();
  });

  it('are none, and told, where there is no string', async () => {
    const answer = header('a');
    await turn();
    server.asked[0]?.fail(new Error('WRONGTYPE Operation against a key holding the wrong kind of value'));
    expect(await answer).toBeUndefined();
    expect(unreadable).toEqual([[full('a'), 'format']]);
  });

  it('fail each by itself, in time, and at once where there is no connection', async () => {
    const outcomes = Promise.allSettled([header('a'), header('b'), header('c')]);
    await turn();
    server.asked[0]?.fail(new Error('Connection is closed.'));
    server.asked[1]?.answer('no bytes');
    clock.advance(1_000);
    const [closed, odd, late] = statusOf(await outcomes);
    expect([closed, odd]).toEqual([expect.any(CacheReadError), expect.any(CacheReadError)]);
    expect(late).toBeInstanceOf(CacheTimeoutError);
    isReady = false;
    await expect(header('a')).rejects.toBeInstanceOf(CacheReadError);
  });
});

describe('while there is no connection', () => {
  it('everything fails at once, and nothing is sent', async () => {
    isReady = false;
    const outcomes = await Promise.allSettled([read('a'), store('a', 'write'), layer.remove('a'), layer.expire('a')]);
    const [reading, ...changing] = statusOf(outcomes);
    expect(reading).toBeInstanceOf(CacheReadError);
    for (const error of changing) expect(error).toBeInstanceOf(CacheWriteError);
    expect(reading).toMatchObject({ key: full('a'), layer: 'shared' });
    await turn();
    expect([server.asked, told]).toEqual([[], 0]);
  });

  it('that was lost in the same tick, nothing is sent either', async () => {
    const outcomes = Promise.allSettled([read('a'), layer.remove('a')]);
    isReady = false;
    expect(statusOf(await outcomes)).toEqual([expect.any(CacheReadError), expect.any(CacheWriteError)]);
    expect(server.asked).toEqual([]);
  });
});

describe('changes', () => {
  const now = () => String(clock.now() * 1_000);
  const answer = (at: number, ...pairs: number[]) => server.asked[at]?.answer([now(), ...pairs]);

  it('of a tick by one script are one call', async () => {
    const outcomes = Promise.all([store('a'), store('b', 'write')]);
    await turn();
    expect(server.asked).toHaveLength(1);
    const [command] = server.asked.map((one) => one.command);
    expect(command?.slice(2, 5)).toEqual([2, full('a'), full('b')]);
    expect([command?.slice(8, 10), command?.slice(11)]).toEqual([
      ['load', 0],
      ['1 set ', 0],
    ]);
    answer(0, 1, 5, 0, 9);
    expect(await outcomes).toEqual(['stored', 'older']);
    expect(seen).toEqual([5, 9]);
  });

  it('by several scripts are called in the order asked', async () => {
    const outcomes = Promise.all([store('a'), layer.remove('a'), layer.remove('b'), layer.expire('a'), store('a')]);
    await turn();
    expect(server.asked.map(({ command }) => command[2])).toEqual([1, 2, 1, 1]);
    const messages = server.asked.map(({ command }) => command.findLast((part) => typeof part === 'string'));
    expect(messages).toEqual(['load', '2 delete ', '3 expire ', 'load']);
    answer(0, 1, 1);
    answer(1, 1, 2, 1, 2);
    answer(2, 1, 3);
    answer(3, 1, 4);
    expect(await outcomes).toEqual(['stored', undefined, undefined, undefined, 'stored']);
  });

  it('that are told give their key a version; loads, and what was refused, do not', async () => {
    const outcomes = Promise.all([
      layer.remove('a'),
      layer.remove('b'),
      store('c'),
      store('d', 'write'),
      store('e', 'write'),
    ]);
    await turn();
    answer(0, 1, 5, 1, 6);
    answer(1, 1, 7, 1, 8, 0, 9);
    await outcomes;
    expect(changed).toEqual([
      ['a', 5],
      ['b', 6],
      ['d', 8],
    ]);
  });

  it('of many bytes do not travel in one call', async () => {
    const large = async (id: string) => layer.store(id, entryOf('x'.repeat(100_000), clock.now()), 'load');
    void Promise.allSettled(['a', 'b', 'c', 'd'].map(large));
    await turn();
    expect(server.asked.map(({ command }) => command[2])).toEqual([2, 2]);
  });

  it('all fail where a reply says of fewer keys than were changed', async () => {
    const outcomes = Promise.allSettled([store('a'), store('b')]);
    await turn();
    answer(0, 1, 5);
    expect(statusOf(await outcomes)).toEqual([expect.any(CacheWriteError), expect.any(CacheWriteError)]);
  });

  it('end in time where nothing is answered', async () => {
    const outcomes = Promise.allSettled([layer.remove('a')]);
    await turn();
    clock.advance(1_000);
    expect(statusOf(await outcomes)[0]).toMatchObject({ code: 'TIMEOUT', key: full('a'), layer: 'shared' });
  });

  it('fail with what the server says', async () => {
    const outcomes = Promise.allSettled([layer.remove('a')]);
    await turn();
    server.asked[0]?.fail(new Error('OOM command not allowed when used memory > maxmemory.'));
    const [error] = statusOf(await outcomes);
    expect(error).toBeInstanceOf(CacheWriteError);
    expect(error).toMatchObject({ key: full('a'), layer: 'shared', message: expect.stringContaining('OOM') });
  });
});

describe('what is told of a change', () => {
  const now = () => String(clock.now() * 1_000);
  const remove = (id: string) => layer.remove(id) as Promise<void>;

  it('is out once the script has run, and nobody knows before', async () => {
    const done = remove('a');
    await turn();
    expect(answered).toEqual([]);
    server.asked[0]?.answer([now(), 1, 5]);
    await done;
    expect(answered).toEqual(['1 sent']);
  });

  it('is not out where the layer did not take the value', async () => {
    const done = store('a', 'write');
    await turn();
    server.asked[0]?.answer([now(), 0, 5]);
    await expect(done).resolves.toBe('older');
    expect(answered).toEqual(['1 unsure']);
  });

  it('is unsure after a refusal, an odd answer, and none', async () => {
    for (const fail of [
      () => server.asked.at(-1)?.fail(new Error('Connection is closed.')),
      () => server.asked.at(-1)?.answer([now(), 'x', 'y']),
      () => clock.advance(1_000),
    ]) {
      const done = Promise.allSettled([remove('a')]);
      await turn();
      fail();
      await done;
    }
    expect(new Set(answered)).toEqual(new Set(['1 unsure', '2 unsure', '3 unsure']));
  });

  it('is unsure where the connection was lost before it was sent', async () => {
    const done = Promise.allSettled([remove('a')]);
    isReady = false;
    await done;
    expect(answered).toEqual(['1 unsure']);
  });

  it('is nothing where a loaded value is kept', async () => {
    const done = store('a', 'load');
    await turn();
    server.asked[0]?.answer([now(), 1, 5]);
    await done;
    expect([told, answered]).toEqual([0, []]);
  });
});

describe('patience', () => {
  beforeEach(() => {
    rules = { patience: 100 };
    begin();
  });

  it('ends the wait of a read, and what comes later goes nowhere', async () => {
    const answer = read('a');
    await turn();
    clock.advance(99);
    await turn();
    clock.advance(1);
    await expect(answer).rejects.toThrow(CacheTimeoutError);
    server.asked[0]?.answer([bytesOf('a')]);
    await settle();
    expect(seen).toEqual([]);
  });

  it('takes what arrived while the process stood still', async () => {
    const answer = valueOf('a');
    await turn();
    clock.advance(100);
    server.asked[0]?.answer([bytesOf('a')]);
    expect(await answer).toBe('a');
  });

  it('is not that of a change, which has its full time', async () => {
    const outcome = store('a');
    await turn();
    clock.advance(100);
    await turn();
    await turn();
    clock.advance(800);
    server.asked[0]?.answer([`${clock.now()}000`, 1, '7']);
    expect(await outcome).toBe('stored');
  });

  it('gives a lease back that comes too late', async () => {
    const claim = fence.claim('a');
    await turn();
    clock.advance(100);
    await expect(claim).rejects.toThrow(CacheTimeoutError);
    server.asked[0]?.answer([`${clock.now()}000`, 0, 0, '7']);
    await turn();
    await turn();
    expect(server.asked[1]?.command.slice(3, 4)).toEqual([full('a')]);
    expect(server.asked[1]?.command.at(-1)).toBe('unfilled');
  });
});
