import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { pause } from '../../support/redis/wait.js';
import { AppProcess } from '../kit/app-process.js';
import type { RetryAppOptions, RetryCounts } from './retry-app.js';

const APP = join(__dirname, 'retry-app.ts');

/** Processes started together: each compiles what it imports, and a loaded machine takes its time. */
const TOGETHER = 2;

/** Real processes that call the same operation, each for itself. */
export class RetryFleet {
  private constructor(readonly processes: readonly AppProcess[]) {}

  static async start(count: number): Promise<RetryFleet> {
    const processes: AppProcess[] = [];
    while (processes.length < count) {
      const some = Array.from({ length: TOGETHER }, () => AppProcess.start(APP, {}));
      processes.push(...(await Promise.all(some)));
    }
    return new RetryFleet(processes);
  }

  /** They begin to call, and go on to the end of the test. */
  async begin(options: RetryAppOptions): Promise<void> {
    onTestFinished(() => this.#all('halt'));
    await this.#all('begin', options);
  }

  /** The backend fails for these processes, and for no other. */
  async sicken(which: (at: number) => boolean): Promise<void> {
    await Promise.all(this.processes.map((one, at) => one.call('become', which(at) ? 'sick' : 'well')));
  }

  /** What each process has done since it was last asked. */
  take(): Promise<RetryCounts[]> {
    return Promise.all(this.processes.map((one) => one.call<RetryCounts>('take')));
  }

  /** What each process does in this time. */
  async during(ms: number): Promise<RetryCounts[]> {
    await this.take();
    await pause(ms);
    return this.take();
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.kill()));
  }

  async #all(method: string, ...args: readonly unknown[]): Promise<void> {
    await Promise.all(this.processes.map((one) => one.call(method, ...args)));
  }
}

export const sum = (counts: readonly RetryCounts[], what: 'requests' | 'sent' | 'refused'): number =>
  counts.reduce((total, one) => total + one[what], 0);
