import type { RedisNode } from '../redis-client.js';

/** Gives the bytes under each key, in the order asked; null: nothing there. */
export type Reads = (keys: readonly string[]) => Promise<readonly (Buffer | null)[]>;

/** One MGET a batch: half the work of a GET each, for client and server. */
export function standaloneReads(client: Pick<RedisNode, 'mgetBuffer'>): Reads {
  return (keys) => client.mgetBuffer([...keys]);
}
