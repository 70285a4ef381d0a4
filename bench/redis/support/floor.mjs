/** The floor: ioredis 6 with autopipelining and its own defaults, MessagePack, nothing else. */
import { Cluster, Redis } from 'ioredis';
import { decode, encode } from '@msgpack/msgpack';
import { pendingStores } from './pending-stores.mjs';

const TTL_MS = 300_000;

export async function floor({ kind, nodes }) {
  const client =
    kind === 'cluster'
      ? new Cluster(nodes, { enableAutoPipelining: true })
      : new Redis({ ...nodes[0], enableAutoPipelining: true });
  await client.ping();
  const { add, settled } = pendingStores();
  const read = async (key) => {
    const bytes = await client.getBuffer(key);
    return bytes === null ? undefined : decode(bytes);
  };
  return {
    read,
    readThrough: async (key, load) => {
      const found = await read(key);
      if (found !== undefined) return found;
      const value = await load();
      const { buffer, byteOffset, byteLength } = encode(value);
      add(client.set(key, Buffer.from(buffer, byteOffset, byteLength), 'PX', TTL_MS));
      return value;
    },
    settled,
    close: async () => client.disconnect(),
  };
}
