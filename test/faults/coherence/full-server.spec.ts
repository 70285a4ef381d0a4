import { expect, it } from 'vitest';
import { eventually } from '../../support/redis/wait.js';
import { twoProcesses } from './two-processes.js';

/** What a server without memory to spare refuses is all that grows: a tombstone, too. */
it.each(['delete', 'expire'] as const)('a full server takes a %s, and tells the others', async (verb) => {
  const { server, writer, read } = await twoProcesses();
  await writer.set('page:1', 'old');
  await eventually('it is kept in memory', async () => (await read('page:1'))[1] === 'hot');
  await server.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1mb');
  await expect(writer.set('page:2', 'x')).rejects.toThrow('OOM');
  await writer[verb]('page:1');
  await eventually('the other does not serve it any more', async () => (await read('page:1'))[0] === undefined);
});
