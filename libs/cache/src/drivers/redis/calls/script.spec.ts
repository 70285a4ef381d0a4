import { describe, expect, it } from 'vitest';
import type { RedisArgument } from '../redis-client.js';
import { Script } from '../calls/script.js';

const SHA_OF_RETURN_1 = 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db';
const script = new Script('return 1', { width: 1 });

function server(...replies: unknown[]) {
  const calls: RedisArgument[][] = [];
  const call = async (...command: RedisArgument[]): Promise<unknown> => {
    calls.push(command);
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply;
  };
  return { calls, call };
}

describe('a script', () => {
  it('is run by its hash', async () => {
    const { call, calls } = server('done');
    expect(await script.run({ call }, ['a', 'b'], [5, 'x'])).toBe('done');
    expect(calls).toEqual([['EVALSHA', SHA_OF_RETURN_1, 2, 'a', 'b', 5, 'x']]);
  });

  it('is given whole to a server that has forgotten it, for all keys', async () => {
    const { call, calls } = server(new Error('NOSCRIPT No matching script. Please use EVAL.'), 'done');
    expect(await script.run({ call }, ['a', 'b'], [5])).toBe('done');
    expect(calls.map(([name, ...rest]) => [name, ...rest.slice(1)])).toEqual([
      ['EVALSHA', 2, 'a', 'b', 5],
      ['EVAL', 2, 'a', 'b', 5],
    ]);
    expect(calls[1]?.[1]).toBe('return 1');
  });

  it.each(['OOM command not allowed', 'Connection is closed.', 'MOVED 1 127.0.0.1:7000'])(
    'is not run again after %s',
    async (message) => {
      const { call, calls } = server(new Error(message));
      await expect(script.run({ call }, ['a'], [])).rejects.toThrow(message);
      expect(calls).toHaveLength(1);
    },
  );
});
