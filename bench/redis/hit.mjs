/**
 * W2: a value that is in Redis and not in this process's memory, 64 callers at once, 10,000 keys, 200 bytes a value.
 * Claim: at least 1.4× of the throughput of ioredis with autopipelining and MessagePack, 1.5× on a Cluster of 3 + 3.
 * Wall time, because the processor of the server counts too. Shows nothing about the time of a single read.
 */
import { compare } from './support/compare.mjs';

export function run() {
  return compare({
    name: 'W2 hit in Redis',
    order: { action: 'hit', keys: 10_000, count: 20_000 },
    atLeast: { standalone: 1.4, cluster: 1.5 },
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
