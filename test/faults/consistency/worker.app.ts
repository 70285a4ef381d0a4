import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, DatapunkCacheModule, type RedisOption } from '@datapunk/cache';
import type { Operation } from '../../support/consistency/operation.js';
import { History, Recorder } from '../../support/consistency/recorder.js';
import { branch } from '../kit/seed.js';
import { hostTime } from './host-time.js';
import { LEVELS, type Level } from './levels.js';
import { RegisterClient } from './register-client.js';

export interface WorkerOptions {
  readonly redis: RedisOption;
  readonly service: string;
  /** The port of the source. */
  readonly source: number;
  /** Of this worker among all: its values are its own. */
  readonly number: number;
}

export interface Turn {
  readonly level: Level;
  /** Of this turn: keys and values are new. */
  readonly name: string;
  readonly ms: number;
  readonly keys: number;
  readonly clients: number;
  /** Of all operations that are writes. */
  readonly writes: number;
  readonly seed: number;
}

/** How long a client does nothing between two operations, ms at most. */
const IDLE_MS = 4;

/** An application of the fleet: clients that read and write through its cache, and write down what they saw. */
export async function start({ redis, service, source, number }: WorkerOptions) {
  class App {}
  // The meter would repair what the checker is to find.
  Module({ imports: [DatapunkCacheModule.forRoot({ service, redis, staleness: false })] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  const registers = await RegisterClient.open(source);

  const run = async (turn: Turn): Promise<Operation[]> => {
    const { level, name, keys, clients, writes, seed } = turn;
    const way = LEVELS[level](app.get(CacheService), registers);
    const log = new History();
    const end = hostTime() + turn.ms;
    let written = 0;
    const client = async (at: number): Promise<void> => {
      const random = branch(seed, number, at);
      const recorder = new Recorder({
        client: `${number}.${at}`,
        // Each counts its own operations, and the history those of all.
        log: numbered(log, at, clients),
        now: hostTime,
        outcomeOf: (error) => way.outcomeOf(error),
      });
      while (hostTime() < end) {
        const key = `${name}:${Math.floor(random() * keys)}`;
        const content = `${name} ${number}.${(written += 1)}`;
        const work =
          random() < writes
            ? recorder.write(key, content, () => way.write(key, content))
            : recorder.read(key, () => way.read(key));
        // What failed is in the history.
        await work.catch(() => undefined);
        await sleep(random() * IDLE_MS);
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, at) => client(at)));
    return log.operations;
  };

  return {
    run,
    stop: async () => {
      registers.close();
      await app.close();
    },
  };
}

const numbered = (log: History, at: number, of: number): Pick<History, 'begun' | 'ended'> => ({
  begun: (id, open) => log.begun(id * of + at, open),
  ended: (id, done) => log.ended(id * of + at, done),
});
