// The claim: a cached nearest-cities query is answered many times as often as the same query uncached. Embedded, on a
// Redis server and on a Redis Cluster of six. There memory stands in front of Redis and gives the answers; what Redis
// gives is shown by a memory of one entry: of the eleven values of an answer it then has to give ten.
// Runs the built demo as a process of its own and loads both endpoints, one after the other, with autocannon. The places
// are more than the connections and take turns: calls for one place at once would be one read.
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { importSource } from '../../test/support/import-source.mjs';

const source = (name) => importSource(fileURLToPath(new URL(`../../test/support/${name}.ts`, import.meta.url)));
const { buildDemo, startDemo } = source('demo/process');
const { startStandalone } = source('redis/standalone');
const { startCluster } = source('redis/start-cluster');

const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const CONNECTIONS = 10;
const PLACES = Array.from({ length: 20 }, (_, at) => `lat=${50 - 5 * at}&lon=${18 * at - 180}&limit=10`);

const ONE_ENTRY = { MEMORY_ENTRIES: '1' };

/** Where the values are, and who is to give the answer when it was given before. */
const VARIANTS = [
  { name: 'embedded', answers: 'memory', settings: {} },
  { name: 'redis', server: 'redis', answers: 'memory', settings: {} },
  { name: 'redis, memory of one entry', server: 'redis', answers: 'redis', settings: ONE_ENTRY },
  { name: 'cluster', server: 'cluster', answers: 'memory', settings: {} },
  { name: 'cluster, memory of one entry', server: 'cluster', answers: 'redis', settings: ONE_ENTRY },
];

/** Servers of our own, ended by their id. */
const SERVERS = {
  redis: async () => {
    const server = await startStandalone();
    return { settings: { REDIS_URL: `redis://${server.address}` }, stop: () => server.stop() };
  },
  cluster: async () => {
    const cluster = await startCluster();
    const nodes = cluster.nodes.map(({ address }) => address);
    return { settings: { REDIS_NODES: nodes.join(',') }, stop: () => cluster.stop() };
  },
};

async function load({ url, path }, seconds = SECONDS) {
  let sent = 0;
  const setupRequest = (request) => ({ ...request, path: `${path}?${PLACES[sent++ % PLACES.length]}` });
  const options = { url, connections: CONNECTIONS, duration: seconds, requests: [{ setupRequest }] };
  const { requests, latency, non2xx, errors } = await autocannon(options);
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} of the requests to ${path} failed`);
  // Those that were under way at the end.
  await setTimeout(500);
  return { rate: requests.average, p50: latency.p50, p99: latency.p99 };
}

/** Loads must not be compared before it is known what they measure. */
async function expectSource({ url, path }, expected) {
  for (const place of PLACES) {
    const { source: found } = await (await fetch(`${url}${path}?${place}`)).json();
    if (found !== expected) throw new Error(`${path}?${place} answers from ${found}, expected ${expected}`);
  }
}

async function measure(url, answers) {
  const bare = { url, path: '/cities/nearest/uncached' };
  const kept = { url, path: '/cities/nearest' };
  await expectSource(kept, 'database');
  const uncached = await load(bare);
  await load(kept, Math.min(3, SECONDS)); // warms the compiler up
  await expectSource(kept, answers);
  const cached = await load(kept);
  await expectSource(kept, answers);
  return { uncached, cached };
}

async function run({ server, answers, settings }) {
  const redis = await SERVERS[server]?.();
  try {
    const demo = await startDemo({ ...redis?.settings, ...settings });
    try {
      return await measure(demo.url, answers);
    } finally {
      await demo.stop();
    }
  } finally {
    await redis?.stop();
  }
}

const figure = (value) => value.toFixed(1).padStart(9);

function print(name, { rate, p50, p99 }) {
  console.log(`  ${name.padEnd(22)}${figure(rate)} requests/s   p50${figure(p50)} ms   p99${figure(p99)} ms`);
}

const [, , only = ''] = process.argv;
buildDemo();
console.log(`the 10 cities nearest to ${PLACES.length} places, ${CONNECTIONS} connections, ${SECONDS} s each`);
for (const variant of VARIANTS.filter(({ name }) => name.startsWith(only))) {
  const { uncached, cached } = await run(variant);
  console.log(`${variant.name}: ${(cached.rate / uncached.rate).toFixed(0)}× the requests per second`);
  print('uncached', uncached);
  print(`cached, from ${variant.answers}`, cached);
}
