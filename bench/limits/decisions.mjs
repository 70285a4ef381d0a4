/**
 * Rate limits beside a bare EVALSHA of INCR and PEXPIRE for each decision on ioredis, 64 callers at once, on one Redis.
 * Claims: `gcra` at least 1.0× on 10,000 keys and 2× on one hot key, 20× for who is refused, `leased` at least 7× with at
 * most 0.2 commands a decision. Wall time, because the processor of the server counts too. Shows nothing about the time of
 * a single decision.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { CALLERS } from '../redis/support/load.mjs';
import { startRedis } from '../redis/support/servers.mjs';
import { median } from '../support/measure.mjs';

const require = createRequire(import.meta.url);
const { DatapunkCacheModule, RateLimitService } = require(`${process.env.BENCH_DIST ?? '../../dist'}/index.js`);

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
const COUNT = 20_000;
const KEYS = 10_000;
const MANY = 1_000_000_000;

const FLOOR = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
`;

const rules = {
  spread: { limit: MANY, per: '1m', key: '{0}' },
  hot: { limit: MANY, per: '1m', key: '{0}' },
  denied: { limit: 1, per: '1d', key: '{0}' },
  leased: { limit: MANY, per: '1m', key: '{0}', algorithm: 'leased', lease: 1_000 },
};

/** Every caller asks again as soon as it is answered. */
async function decisions(ask) {
  let asked = 0;
  const caller = async () => {
    while (asked < COUNT) await ask((asked++ * 7_919) % KEYS);
  };
  const began = process.hrtime.bigint();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return Number(process.hrtime.bigint() - began) / COUNT;
}

async function subjects(url) {
  class App {}
  Module({
    imports: [
      DatapunkCacheModule.forRoot({
        service: 'bench',
        redis: url,
        limits: { rules },
        protection: { operations: false },
      }),
    ],
  })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  const limits = app.get(RateLimitService);
  const client = new Redis(url);
  client.defineCommand('counted', { numberOfKeys: 1, lua: FLOOR });
  await limits.check('denied', 'a');
  const asks = {
    'floor spread': (n) => client.counted(`floor:${n}`, 60_000),
    spread: (n) => limits.check('spread', n),
    'floor hot': () => client.counted('floor:hot', 60_000),
    hot: () => limits.check('hot', 'a'),
    denied: () => limits.check('denied', 'a'),
    leased: () => limits.check('leased', 'a'),
  };
  const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
  return {
    asks,
    calls,
    close: async () => {
      client.disconnect();
      await app.close();
    },
  };
}

export async function run() {
  const redis = await startRedis('standalone');
  const [{ host, port }] = redis.nodes;
  const { asks, calls, close } = await subjects(`redis://${host}:${port}`);
  const times = Object.fromEntries(Object.keys(asks).map((name) => [name, []]));
  const commands = [];
  for (let round = -2; round < ROUNDS; round += 1) {
    const names = Object.keys(asks);
    if (round % 2) names.reverse();
    for (const name of names) {
      const before = await calls();
      const time = await decisions(asks[name]);
      if (round < 0) continue;
      times[name].push(time);
      if (name === 'leased') commands.push(((await calls()) - before) / COUNT);
    }
  }
  await close();
  await redis.stop();
  const of = (name, floor) => median(times[name].map((time, round) => time / times[floor][round]));
  console.table(
    Object.fromEntries(
      Object.entries(times).map(([name, all]) => [name, { 'ns a decision': Math.round(median(all)) }]),
    ),
  );
  return [
    { claim: 'limits: gcra on 10,000 keys, time × of bare EVALSHA', value: of('spread', 'floor spread'), limit: 1 },
    { claim: 'limits: gcra on one hot key, time × of bare EVALSHA', value: of('hot', 'floor hot'), limit: 1 / 2 },
    { claim: 'limits: refused, time × of bare EVALSHA', value: of('denied', 'floor hot'), limit: 1 / 20 },
    { claim: 'limits: leased, time × of bare EVALSHA', value: of('leased', 'floor hot'), limit: 1 / 7 },
    { claim: 'limits: leased, commands a decision', value: median(commands), limit: 0.2 },
  ];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
