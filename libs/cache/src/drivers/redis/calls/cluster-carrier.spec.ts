import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../../test/support/core.js';
import type { RedisArgument, RedisNode } from '../redis-client.js';
import { Script } from './script.js';
import { ClusterCarrier } from './cluster-carrier.js';
import type { Read, ScriptCall } from './question.js';
import { ScriptRunner } from './script-runner.js';
import slotOf from 'cluster-key-slot';

interface Command {
  readonly name: string;
  readonly args: readonly RedisArgument[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

class CommandOfIoredis {}

/** A node that answers when the test says so, and writes only while it is not corked. */
class FakeNode {
  readonly sent: Command[] = [];
  readonly written: number[] = [];
  #corks = 0;
  readonly stream = {
    cork: () => (this.#corks += 1),
    uncork: () => {
      this.#corks -= 1;
      this.written.push(this.sent.length);
    },
  };

  getBuffer(): void {
    this.sendCommand(new CommandOfIoredis());
  }

  sendCommand(command: object): void {
    if (this.#corks !== 1) throw new Error('written apart');
    this.sent.push(command as Command);
  }

  isOpen(): boolean {
    return this.#corks === 0;
  }
}

let nodes: Map<string, FakeNode>;
let slow: RedisArgument[][];
let carrier: ClusterCarrier;
const script = new Script('return 1', { width: 2 });

beforeEach(() => {
  nodes = new Map([
    ['a', new FakeNode()],
    ['b', new FakeNode()],
  ]);
  slow = [];
  const owner = (slot: number) =>
    [...nodes].find(([key]) => slotOf(`${key}1`) === slot || slotOf(`${key}2`) === slot || slotOf(`${key}3`) === slot);
  const clock = new FakeClock();
  const reply = async (...command: RedisArgument[]) => {
    slow.push(command);
    return ['6000', 1, 9];
  };
  carrier = new ClusterCarrier(
    {
      data: {
        getBuffer: async (key) => {
          slow.push(['get', key]);
          return Buffer.from(`slow ${key}`);
        },
        callBuffer: async (...command) => {
          slow.push(command);
          return Buffer.from(`slow ${String(command[1])}`);
        },
        call: reply,
      },
      ownerOf: (slot) => {
        const [key, node] = owner(slot) ?? [];
        return key === undefined ? undefined : { key, client: node as unknown as RedisNode };
      },
    },
    new ScriptRunner({ clock, local: clock, learn: () => undefined }),
  );
});

function asking(...keys: string[]) {
  const heard = new Map<string, unknown>();
  const hear = (key: string) => (answer: unknown) => {
    if (heard.has(key)) throw new Error(`'${key}' was answered twice`);
    heard.set(key, answer instanceof Error ? answer.message : String(answer));
  };
  const reads: Read[] = keys.map((key) => ({ key, take: hear(key), fail: hear(key) }));
  const changes: ScriptCall[] = keys.map((key) => ({
    key,
    script,
    common: 'bus',
    args: ['x'],
    take: ([status]) => hear(key)(status),
    fail: hear(key),
  }));
  return { heard, reads, changes };
}

describe('headers on a cluster', () => {
  it('are read where the key is, or the slow way', async () => {
    const { reads, heard } = asking('a1', 'b1', 'c1');
    const done = carrier.readHeaders(reads);
    expect([...nodes.values()].map(({ sent }) => sent.map(({ name, args }) => [name, ...args]))).toEqual([
      [['getrange', 'a1', 0, 103]],
      [['getrange', 'b1', 0, 103]],
    ]);
    nodes.get('a')?.sent[0]?.resolve('header of a1');
    nodes.get('b')?.sent[0]?.reject(new Error('MOVED 5 127.0.0.1:7001'));
    await done;
    expect(slow).toEqual([
      ['GETRANGE', 'c1', 0, 103],
      ['GETRANGE', 'b1', 0, 103],
    ]);
    expect([...heard]).toEqual(
      expect.arrayContaining([
        ['a1', 'header of a1'],
        ['b1', 'slow b1'],
        ['c1', 'slow c1'],
      ]),
    );
  });
});

describe('reads on a cluster', () => {
  it('are a GET each, written together to the node that owns the key', async () => {
    const { reads, heard } = asking('a1', 'b1', 'a2', 'b2', 'a3');
    const done = carrier.read(reads);
    const sent = [...nodes.values()].map((node) => [node.sent.map(({ name, args }) => [name, ...args]), node.written]);
    expect(sent).toEqual([
      [
        [
          ['get', 'a1'],
          ['get', 'a2'],
          ['get', 'a3'],
        ],
        [3],
      ],
      [
        [
          ['get', 'b1'],
          ['get', 'b2'],
        ],
        [2],
      ],
    ]);
    for (const node of nodes.values())
      for (const { args, resolve } of node.sent) resolve(`value of ${String(args[0])}`);
    await done;
    expect(heard).toEqual(new Map(['a1', 'a2', 'a3', 'b1', 'b2'].map((key) => [key, `value of ${key}`])));
  });

  it('are answered as each comes, for another node may be slow', async () => {
    const { reads, heard } = asking('a1', 'b1', 'b2');
    let isDone = false;
    void carrier.read(reads).then(() => (isDone = true));
    nodes.get('b')?.sent[1]?.resolve('second');
    expect([...heard]).toEqual([['b2', 'second']]);
    nodes.get('b')?.sent[0]?.reject(new Error('Connection is closed.'));
    await settle();
    expect([heard.get('b1'), isDone]).toEqual(['Connection is closed.', false]);
    nodes.get('a')?.sent[0]?.resolve(null);
    await settle();
    expect([heard.get('a1'), isDone]).toEqual(['null', true]);
  });

  it.each([
    'MOVED 5 127.0.0.1:7001',
    'ASK 5 127.0.0.1:7001',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'CLUSTERDOWN Hash slot not served',
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
  ])('take the slow way where a node says %s', async (message) => {
    const { reads, heard } = asking('a1', 'a2');
    const done = carrier.read(reads);
    nodes.get('a')?.sent[0]?.reject(new Error(message));
    nodes.get('a')?.sent[1]?.resolve('value of a2');
    await done;
    expect([heard.get('a1'), heard.get('a2'), slow]).toEqual(['slow a1', 'value of a2', [['get', 'a1']]]);
  });

  it('take the slow way where nobody is known to own the key', async () => {
    const { reads, heard } = asking('unknown');
    await carrier.read(reads);
    expect([...heard]).toEqual([['unknown', 'slow unknown']]);
  });

  it('leave no node corked where one of them cannot be written to', async () => {
    const broken = nodes.get('b') ?? expect.fail();
    broken.sendCommand = () => {
      throw new Error('broken');
    };
    const { reads } = asking('a1', 'b1');
    await expect(carrier.read(reads)).rejects.toThrow();
    expect([...nodes.values()].map((node) => node.isOpen())).toEqual([true, true]);
  });
});

describe('changes on a cluster', () => {
  it('are a call each, written together to the node that owns the key', async () => {
    const { changes, heard } = asking('a1', 'b1', 'a2');
    const done = carrier.run(changes);
    expect([...nodes.values()].map(({ sent, written }) => [sent.length, written])).toEqual([
      [2, [2]],
      [1, [1]],
    ]);
    expect(nodes.get('a')?.sent.map(({ args }) => args.slice(1, 3))).toEqual([
      [1, 'a1'],
      [1, 'a2'],
    ]);
    const [first, second] = nodes.get('a')?.sent ?? [];
    second?.resolve(['6000', 0, 9]);
    first?.resolve(['6000', 1, 9]);
    nodes.get('b')?.sent[0]?.resolve(['6000', 1, 9]);
    await done;
    expect([heard.get('a1'), heard.get('a2'), heard.get('b1')]).toEqual(['1', '0', '1']);
  });

  it('take the slow way where a node sends them elsewhere, or nobody is known to own the key', async () => {
    const { changes, heard } = asking('a1', 'unknown');
    const done = carrier.run(changes);
    nodes.get('a')?.sent[0]?.reject(new Error('MOVED 5 127.0.0.1:7001'));
    await done;
    expect([...heard.values()]).toEqual(['1', '1']);
    expect(slow.map((command) => command[3])).toEqual(['unknown', 'a1']);
  });

  it('fail each by itself', async () => {
    const { changes, heard } = asking('a1', 'a2');
    const done = carrier.run(changes);
    nodes.get('a')?.sent[0]?.reject(new Error('OOM command not allowed'));
    nodes.get('a')?.sent[1]?.resolve(['6000', 1, 9]);
    await done;
    expect([heard.get('a1'), heard.get('a2')]).toEqual(['OOM command not allowed', '1']);
  });
});
