/**
 * What an early refresh spares readers, simulated with the rule that the cache uses: a key that is read all the time, whose
 * load varies as loads do. How many of its reads wait for a load, and how many loads that takes, by beta. Claim: with beta 1
 * at most a fifth of the reads wait that do without it.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { dueAt } = require('../dist/core/cache/early-rules.js');

const TTL_MS = 10_000;
const LOAD_MS = 100;
/** Of the logarithm of a load's time. */
const SPREAD = 0.5;
const READ_EVERY_MS = 10;
const LIVES = 20_000;
const LIMIT = 0.2;

/** Mulberry32: the same numbers on every machine. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Box and Muller. */
const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function simulated(beta) {
  const random = seeded(7);
  const loadMs = () => LOAD_MS * Math.exp(SPREAD * normal(random));
  let [reads, waiting, time, computeMs] = [0, 0, 0, LOAD_MS];
  for (let life = 0; life < LIVES; life += 1) {
    const createdAt = time;
    const freshUntil = createdAt + TTL_MS * (0.9 + 0.2 * random());
    const due = beta === 0 ? Infinity : dueAt({ beta }, { createdAt, freshUntil, computeMs }, random);
    // The first read after that begins the load.
    const begun = Math.min(due, freshUntil) + READ_EVERY_MS * random();
    computeMs = loadMs();
    time = begun + computeMs;
    reads += (time - createdAt) / READ_EVERY_MS;
    waiting += Math.max(0, time - Math.max(begun, freshUntil)) / READ_EVERY_MS;
  }
  return { waiting: waiting / reads, loads: LIVES / (time / TTL_MS) };
}

export async function run() {
  const none = simulated(0);
  const rows = [0, 0.5, 1, 2, 5].map((beta) => ({ beta, ...simulated(beta) }));
  console.log('| `beta` | reads that wait, of 100,000 | loads a `ttl` |');
  console.log('| ------ | --------------------------- | ------------- |');
  for (const { beta, waiting, loads } of rows) {
    const name = beta === 0 ? 'off' : String(beta);
    console.log(
      `| ${name.padEnd(6)} | ${String(Math.round(waiting * 100_000)).padEnd(27)} | ${loads.toFixed(3).padEnd(13)} |`,
    );
  }
  const one = rows.find(({ beta }) => beta === 1);
  return [
    {
      claim: `early refresh, beta 1: of the reads that wait, ≤ ${LIMIT} do`,
      value: one.waiting / none.waiting,
      limit: LIMIT,
    },
  ];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
