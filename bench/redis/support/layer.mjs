/** The shared layer alone, from its source, without the flows above it: what these could give at most. */
import { fileURLToPath } from 'node:url';
import { importSource } from '../../../test/support/import-source.mjs';
import { pendingStores } from './pending-stores.mjs';

const TTL_MS = 300_000;
const ROOT = process.env.BENCH_SOURCE ?? fileURLToPath(new URL('../../..', import.meta.url));

function source(name) {
  return importSource(`${ROOT}/libs/cache/src/${name}.ts`);
}

export async function layer({ kind, nodes }) {
  const clock = new (source('core/shared/system-clock').SystemClock)();
  const connections = await connect(
    kind === 'cluster' ? { nodes } : { url: `redis://${nodes[0].host}:${nodes[0].port}` },
    clock,
  );
  const { layer: shared, fence } = source('drivers/redis/layer/redis-layer').redisEntries(connections, {
    clock,
    local: clock,
    codecs: codecs(),
    fullKey: (id) => `app:bench:${id}`,
    channel: () => 'coord:bench:bus',
    announce: () => ({ head: '', sent: () => {}, unsure: () => {} }),
    highest: () => 0,
    seen: () => {},
    changed: () => {},
    learn: () => {},
  });
  const entryOf = entries(clock);
  const { add, settled } = pendingStores();
  const read = async (key) => {
    const entry = await shared.read(key);
    return entry?.kind === 'value' ? entry.value : undefined;
  };
  return {
    read,
    readThrough: async (key, load) => {
      const found = await read(key);
      if (found !== undefined) return found;
      const { lease } = await fence.claim(key);
      const entry = entryOf(await load(), clock.now());
      add(fence.fill(lease, entry));
      return entry.value;
    },
    settled,
    close: () => connections.close(),
  };
}

function connect(redis, clock) {
  const { connectRedis } = source('drivers/redis/connect');
  const { ConnectionLimit } = source('drivers/redis/connection-limit');
  const resolved = source('drivers/redis/resolve-redis').resolveRedis({ redis });
  return connectRedis(resolved, {
    service: 'bench',
    foreignServices: [],
    clock,
    random: Math.random,
    limit: new ConnectionLimit(100),
    tell: () => {},
  });
}

function codecs() {
  const { Codecs } = source('core/entry/codec');
  const { MessagePackCodec } = source('drivers/codec/message-pack');
  const { TaggedJsonCodec } = source('drivers/codec/tagged-json');
  return new Codecs([new MessagePackCodec(), new TaggedJsonCodec()]);
}

/** What the flows make of a loaded value. */
function entries(clock) {
  const { snapshot } = source('core/entry/snapshot');
  const { valueEntry } = source('core/entry/entry');
  return (value, began) => {
    const createdAt = clock.now();
    const until = createdAt + TTL_MS;
    const version = { source: undefined, assigned: Math.floor(began * 1_000) };
    const times = { createdAt, freshUntil: until, staleUntil: until };
    return valueEntry(snapshot(value), { version, ...times, computeMs: createdAt - began, tagGeneration: 0 });
  };
}
