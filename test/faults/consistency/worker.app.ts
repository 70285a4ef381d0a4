import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, DatapunkCacheModule, type RedisOption } from '@datapunk/cache';
import { detour, type Detours } from '../kit/detours.js';
import { LEVELS } from './levels.js';
import { RegisterClient } from './register-client.js';
import { Clients, type Told, type Turn } from './turn.js';
import { withoutConfirmations } from './unconfirmed.js';

export interface WorkerOptions {
  readonly redis: RedisOption;
  readonly service: string;
  /** The port of the source. */
  readonly source: number;
  /** Of this worker among all there ever were. */
  readonly number: number;
  /** The proxies that stand between it and Redis. */
  readonly detours?: Detours | undefined;
  /** Whether it waits for replicas under `strict`; default yes. */
  readonly confirms?: boolean;
}

/** An application of the fleet: clients that read and write through its cache, and write down what they saw. */
export async function start({ redis, service, source, number, detours = {}, confirms = true }: WorkerOptions) {
  detour(detours);
  if (!confirms) withoutConfirmations();
  class App {}
  // The meter would repair what the checker is to find.
  Module({ imports: [DatapunkCacheModule.forRoot({ service, redis, staleness: false })] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  const cache = app.get(CacheService);
  const registers = await RegisterClient.open(source);
  let clients: Clients | undefined;

  return {
    run: (turn: Turn): Promise<Told> => {
      clients = new Clients(turn, number);
      return clients.run({ own: LEVELS[turn.level](cache, registers), plain: LEVELS.eventual(cache, registers) });
    },
    /** How many operations of the turn have ended. */
    done: () => clients?.done ?? 0,
    /** Ends the turn. */
    halt: () => clients?.halt(),
    /** Nothing of this process runs for so long, ms. */
    stall: (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
    /** Whether a value that is kept anew is confirmed for everybody, and read again: one for each of these names. */
    probe: async (names: readonly string[]): Promise<void> => {
      const way = LEVELS.strict(cache, registers);
      await Promise.all(names.map((name) => way.write(name, name)));
      await Promise.all(names.map((name) => way.read(name)));
    },
    stop: async () => {
      registers.close();
      await app.close();
    },
  };
}
