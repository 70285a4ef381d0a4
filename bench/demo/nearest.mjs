// The claim: a cached nearest-cities query is answered many times as often as the same query uncached.
// Runs the built demo as a process of its own and loads both endpoints, one after the other, with autocannon.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const CONNECTIONS = 10;
const PLACE = 'lat=48.8566&lon=2.3522&limit=10';
const root = fileURLToPath(new URL('../..', import.meta.url));

function build() {
  const nest = `${root}node_modules/@nestjs/cli/bin/nest.js`;
  const { status } = spawnSync(process.execPath, [nest, 'build', 'demo'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the demo does not build');
}

async function start() {
  const main = `${root}dist-apps/demo/apps/demo/src/main.js`;
  const env = { ...process.env, PORT: '0', HOST: '127.0.0.1' };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) {
    const url = /^The lake is open: (\S+)$/.exec(line)?.[1];
    if (!url) continue;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error('the demo ended before it was ready');
}

async function load(url) {
  const { requests, latency, non2xx, errors } = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} of the requests to ${url} failed`);
  return { rate: requests.average, p50: latency.p50, p99: latency.p99 };
}

/** Loads must not be compared before it is known what they measure. */
async function expectSource(url, source) {
  const answer = await (await fetch(url)).json();
  if (answer.source !== source) throw new Error(`${url} answers from ${answer.source}, expected ${source}`);
}

const figure = (value) => value.toFixed(1).padStart(10);

function print(name, { rate, p50, p99 }) {
  console.log(`${name.padEnd(10)}${figure(rate)} requests/s   p50${figure(p50)} ms   p99${figure(p99)} ms`);
}

build();
const { child, url } = await start();
try {
  const uncachedUrl = `${url}/cities/nearest/uncached?${PLACE}`;
  const cachedUrl = `${url}/cities/nearest?${PLACE}`;
  await expectSource(uncachedUrl, 'database');
  await expectSource(cachedUrl, 'database');
  await expectSource(cachedUrl, 'memory');
  const uncached = await load(uncachedUrl);
  await load(cachedUrl); // warms the compiler up
  const cached = await load(cachedUrl);
  console.log(`nearest cities of ${PLACE}, ${CONNECTIONS} connections, ${SECONDS} s each`);
  print('uncached', uncached);
  print('cached', cached);
  console.log(`ratio     ${(cached.rate / uncached.rate).toFixed(0)}× the requests per second`);
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
