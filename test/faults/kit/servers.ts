import type { RedisServer } from '../../support/redis/server.js';

/** Forgets every script, so that the next EVALSHA fails with NOSCRIPT. */
export async function scriptFlush(server: RedisServer): Promise<void> {
  await server.call('SCRIPT', 'FLUSH', 'SYNC');
}

/** Commands wait for so long: all, or only those that write. */
export async function clientPause(server: RedisServer, ms: number, which: 'ALL' | 'WRITE' = 'ALL'): Promise<void> {
  await server.call('CLIENT', 'PAUSE', ms, which);
}

/** Ends a pause of writes. One of all commands holds this command too, and ends by its time alone. */
export async function clientUnpause(server: RedisServer): Promise<void> {
  await server.call('CLIENT', 'UNPAUSE');
}

/** Ends the connections of one type, those of the bootstrap excepted, and says how many there were. */
export async function clientKill(server: RedisServer, type: 'normal' | 'pubsub' = 'normal'): Promise<number> {
  return Number(await server.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes'));
}
