/**
 * W3: a value that is nowhere, read, loaded at once and stored in Redis behind the caller's back, 64 callers at once,
 * every key new. The time ends when the last value is stored. Claim: at least the throughput of GET and SET by ioredis
 * with autopipelining and MessagePack, though ours are fenced: what was invalidated since the load began is not stored.
 */
import { compare } from './support/compare.mjs';

export function run() {
  return compare({
    name: 'W3 miss, load and fenced fill',
    order: { action: 'miss', keys: 1_000, count: 8_000 },
    atLeast: { standalone: 1, cluster: 1 },
    isEmptied: true,
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
