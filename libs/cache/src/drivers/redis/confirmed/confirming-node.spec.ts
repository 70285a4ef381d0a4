import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../../test/support/core.js';
import type { RedisArgument, RedisNode } from '../redis-client.js';
import { Script } from '../calls/script.js';
import type { Asked } from './asked.js';
import { ConfirmingNode } from './confirming-node.js';

interface Command {
  readonly name: string;
  readonly args: readonly RedisArgument[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

class CommandOfIoredis {}

/** A node that answers when the test says so. */
class FakeNode {
  readonly sent: Command[] = [];
  stream = { cork: () => undefined, uncork: () => undefined };

  getBuffer(): void {
    this.sendCommand(new CommandOfIoredis());
  }

  sendCommand(command: object): void {
    this.sent.push(command as Command);
  }

  get names(): readonly string[] {
    return this.sent.map(({ name }) => name.toUpperCase());
  }
}

const SCRIPT = new Script('return {1}', { width: 1 });
const KEY = 'app:lake:town:1';

let node: FakeNode;
let confirming: ConfirmingNode;
let clock: FakeClock;
let heard: string[];
beforeEach(() => {
  node = new FakeNode();
  clock = new FakeClock();
  confirming = new ConfirmingNode(node as unknown as RedisNode, { clock, dates: clock });
  heard = [];
});

function about(of: string): Pick<Asked, 'fail' | 'end'> {
  return {
    fail: (error) => void heard.push(`${of} failed: ${(error as Error).message}`),
    end: (replicas) => void heard.push(`${of} confirmed by ${replicas}`),
  };
}

function read(key = KEY): Asked {
  const take = (reply: unknown) => void heard.push(`${key} said ${String(reply)}`);
  return { key, calls: [], read: { key, take, fail: () => undefined }, needed: 1, ...about(key) };
}

function call(key = KEY): Asked {
  const take = () => void heard.push(`${key} ran`);
  const one = { key, script: SCRIPT, common: '', args: [], take, fail: () => undefined };
  return { key, calls: [one], needed: 2, ...about(key) };
}

const ran = () => [String(clock.now() * 1_000), 1];

describe('a node that is asked with a WAIT behind', () => {
  it('is read, then marked in the slot of what was read, then waited for', async () => {
    const done = confirming.run([[read()], [read()], [read('app:lake:town:2')]]);
    expect(node.names).toEqual(['GET', 'GET', 'SET', 'WAIT']);
    expect(node.sent[2]?.args.slice(0, 3)).toEqual([`{${KEY}}:barrier`, '', 'PX']);
    for (const [at, reply] of ['a', 'b', 'OK', 1].entries()) node.sent[at]?.resolve(reply);
    expect(await done).toEqual([]);
    expect(heard).toEqual([
      `${KEY} said a`,
      `${KEY} said a`,
      'app:lake:town:2 said b',
      `${KEY} confirmed by 1`,
      `${KEY} confirmed by 1`,
      'app:lake:town:2 confirmed by 1',
    ]);
  });

  it('is marked for no calls, and waited for as the most careful of them asks', async () => {
    const done = confirming.run([[{ ...call(), needed: 1 }], [call('app:lake:town:2')]]);
    expect(node.names).toEqual(['EVALSHA', 'EVALSHA', 'WAIT']);
    expect(node.sent[2]?.args[0]).toBe(2);
    for (const [at, reply] of [ran(), ran(), 2].entries()) node.sent[at]?.resolve(reply);
    await done;
    expect(heard).toContain(`${KEY} confirmed by 2`);
  });

  it('fails what it could not mark, and no script beside it', async () => {
    const done = confirming.run([[read()], [call()]]);
    const [get, script, mark, wait] = node.sent;
    get?.resolve('a');
    script?.resolve(ran());
    mark?.reject(new Error('MOVED 1 elsewhere'));
    wait?.resolve(2);
    expect(await done).toHaveLength(1);
    expect(heard).toContain(`${KEY} failed: MOVED 1 elsewhere`);
    expect(heard).toContain(`${KEY} confirmed by 2`);
  });

  it('fails what has moved by itself', async () => {
    const done = confirming.run([[call()], [call('app:lake:town:2')]]);
    node.sent[0]?.reject(new Error('ASK 1 elsewhere'));
    node.sent[1]?.resolve(ran());
    node.sent[2]?.resolve(2);
    expect(await done).toHaveLength(1);
    expect(heard).toEqual(['app:lake:town:2 ran', `${KEY} failed: ASK 1 elsewhere`, 'app:lake:town:2 confirmed by 2']);
  });

  it('is waited for once more behind a script that it did not know', async () => {
    const done = confirming.run([[call()]]);
    node.sent[0]?.reject(new Error('NOSCRIPT No matching script.'));
    node.sent[1]?.resolve(2);
    await settle();
    expect(node.names).toEqual(['EVALSHA', 'WAIT', 'EVAL']);
    node.sent[2]?.resolve(ran());
    await settle();
    expect(heard).toEqual([`${KEY} ran`]);
    expect(node.names).toEqual(['EVALSHA', 'WAIT', 'EVAL', 'WAIT']);
    node.sent[3]?.resolve(0);
    await done;
    expect(heard.at(-1)).toBe(`${KEY} confirmed by 0`);
  });

  it('has confirmed nothing that was asked on a connection before this one', async () => {
    const done = confirming.run([[call()]]);
    node.stream = { ...node.stream };
    node.sent[0]?.resolve(ran());
    node.sent[1]?.resolve(2);
    await expect(done).rejects.toThrow('the connection was lost before replicas confirmed');
    expect(heard).toEqual([`${KEY} ran`]);
  });

  it('says of what has moved that it has, also where the WAIT is refused', async () => {
    const done = confirming.run([[call()]]);
    node.sent[0]?.reject(new Error('READONLY You cannot write against a read only replica.'));
    node.sent[1]?.reject(new Error('ERR WAIT cannot be used with replica instances.'));
    expect(await done).toHaveLength(1);
    expect(heard).toEqual([`${KEY} failed: READONLY You cannot write against a read only replica.`]);
  });

  it('has confirmed nothing where the WAIT fails', async () => {
    const done = confirming.run([[read()]]);
    const [get, mark, wait] = node.sent;
    get?.resolve('a');
    mark?.resolve('OK');
    wait?.reject(new Error('UNBLOCKED force unblock from blocking operation'));
    await done;
    expect(heard).toEqual([`${KEY} said a`, `${KEY} failed: UNBLOCKED force unblock from blocking operation`]);
  });
});
