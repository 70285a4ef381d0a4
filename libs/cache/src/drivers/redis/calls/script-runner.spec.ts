import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../../test/support/core.js';
import type { RedisArgument } from '../redis-client.js';
import { Script } from './script.js';
import { ServerClock } from '../server-clock.js';
import type { ScriptCall } from './question.js';
import { ScriptRunner } from './script-runner.js';

const script = new Script('return 1', { width: 2 });

/** A server with a time of its own, and a network that takes as long as a test says. */
class FakeServer {
  readonly calls: (readonly RedisArgument[])[] = [];
  delay = 0;
  ahead = 0;
  late = 0;
  constructor(private readonly local: FakeClock) {}

  async call(...command: RedisArgument[]): Promise<unknown> {
    this.calls.push(command);
    this.local.advance(this.delay);
    const now = this.local.now() + this.ahead;
    const [, , count, ...rest] = command;
    const deadline = Number(rest[Number(count)]);
    const us = String(Math.floor(now) * 1_000 + 250);
    this.local.advance(this.delay);
    if (now > deadline || this.late-- > 0) return [us];
    return [us, ...Array.from({ length: Number(count) }, (_, at) => [1, 100 + at]).flat()];
  }

  /** The deadline that came with a call. */
  deadline(at: number): number {
    return Number(this.calls[at]?.[4]);
  }
}

let local: FakeClock;
let clock: ServerClock;
let server: FakeServer;
let learned: number[][];
let runner: ScriptRunner;
beforeEach(() => {
  local = new FakeClock();
  clock = new ServerClock(local);
  server = new FakeServer(local);
  learned = [];
  runner = new ScriptRunner({
    clock,
    local,
    learn: (...sample) => {
      learned.push(sample);
      clock.learn(...sample);
    },
  });
});

function changes(...keys: string[]): { asked: ScriptCall[]; heard: Map<string, unknown> } {
  const heard = new Map<string, unknown>();
  const asked = keys.map((key) => ({
    key,
    script,
    common: 'bus',
    args: [`of ${key}`],
    take: (said: readonly unknown[]) => heard.set(key, said),
    fail: (error: unknown) => heard.set(key, error),
  }));
  return { asked, heard };
}

describe('calls of a script', () => {
  it('travel in one call: the keys, then deadline and what is common, then what the script takes for each', async () => {
    const { asked, heard } = changes('a', 'b');
    const deadline = local.now() + 1_000;
    await runner.run(server, asked);
    const [call] = server.calls;
    expect(server.calls).toHaveLength(1);
    expect([call?.[0], ...(call?.slice(2) ?? [])]).toEqual(['EVALSHA', 2, 'a', 'b', deadline, 'bus', 'of a', 'of b']);
    expect([...heard]).toEqual([
      ['a', [1, 100]],
      ['b', [1, 101]],
    ]);
  });

  it('tell the time of the server, and between which moments of ours it was that', async () => {
    server.delay = 5;
    server.ahead = 77;
    const began = local.now();
    await runner.run(server, changes('a').asked);
    expect(learned).toEqual([[began + 5 + 77 + 0.25, began, began + 10]]);
  });

  it('count their deadline by the time of the server', async () => {
    server.ahead = -90_000;
    await runner.run(server, changes('a').asked);
    await runner.run(server, changes('a').asked);
    expect(server.deadline(1)).toBe(Math.ceil(local.now() - 90_000 + 0.25 + 1_000));
  });
});

describe('a server that says the deadline is past', () => {
  it('is asked once more, by its own time, where its clock is ahead of the one we know', async () => {
    server.delay = 100;
    server.ahead = 60_000;
    const { asked, heard } = changes('a', 'b');
    const told = local.now() + 100 + 60_000 + 0.25;
    await runner.run(server, asked);
    expect(server.calls).toHaveLength(2);
    expect(Number(server.calls[1]?.[5])).toBe(Math.ceil(told + 800));
    expect([...heard.values()]).toEqual([
      [1, 100],
      [1, 101],
    ]);
  });

  it('is not asked a third time', async () => {
    server.late = 2;
    const { asked, heard } = changes('a');
    await expect(runner.run(server, asked)).rejects.toThrow('after its deadline, and nothing was done');
    expect(server.calls).toHaveLength(2);
    expect(heard.size).toBe(0);
  });

  it('is believed where the time is over by our clock too', async () => {
    server.delay = 1_001;
    const { asked, heard } = changes('a');
    await expect(runner.run(server, asked)).rejects.toThrow('after its deadline');
    expect(server.calls).toHaveLength(1);
    expect(heard.size).toBe(0);
  });
});

describe('a reply that is none', () => {
  it.each([
    ['of fewer keys', ['6000', 1, 5]],
    ['no list', 'OK'],
  ])('answers nobody: %s', async (_, reply) => {
    const { asked, heard } = changes('a', 'b');
    await expect(runner.run({ call: async () => reply }, asked)).rejects.toThrow('none of ours');
    expect([heard.size, learned]).toEqual([0, []]);
  });
});
