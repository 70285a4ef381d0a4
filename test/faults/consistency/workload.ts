import { join } from 'node:path';
import { check, type Report } from '../../support/consistency/check.js';
import type { Operation } from '../../support/consistency/operation.js';
import { printWitness } from '../../support/consistency/witness.js';
import { AppProcess } from '../kit/app-process.js';
import { RegisterServer } from './register-server.js';
import type { Turn, WorkerOptions } from './worker.app.js';

const APP = join(__dirname, 'worker.app.ts');

/** Rare writes: what is never kept is never stale. */
const USUAL = { keys: 16, clients: 6, writes: 0.02 };

export type Plan = Pick<Turn, 'level' | 'ms' | 'seed'> & Partial<typeof USUAL>;

export interface Result extends Report {
  /** Of the operations: those that may have happened. */
  readonly unknown: number;
}

/** Applications in processes of their own before one source, and what they record, checked. */
export class Workload {
  #turns = 0;

  private constructor(
    readonly workers: readonly AppProcess[],
    private readonly source: RegisterServer,
  ) {}

  /** @param redis where each worker finds Redis: through a proxy, or not */
  static async start(service: string, redis: readonly WorkerOptions['redis'][]): Promise<Workload> {
    const source = await RegisterServer.start();
    const started: AppProcess[] = [];
    const begin = async (one: WorkerOptions['redis'], number: number): Promise<void> => {
      started[number] = await AppProcess.start(APP, { redis: one, service, source: source.port, number });
    };
    try {
      // The first compiles for all others.
      for (const [number, one] of redis.slice(0, 1).entries()) await begin(one, number);
      await Promise.all(redis.slice(1).map((one, number) => begin(one, number + 1)));
    } catch (error) {
      await Promise.all(started.map((app) => app.kill()));
      await source.close();
      throw error;
    }
    return new Workload(started, source);
  }

  /** All workers at once, while the faults happen; a worker that is killed meanwhile tells nothing of itself. */
  async run(plan: Plan, faults: () => Promise<void> = async () => undefined): Promise<Result> {
    const turn: Turn = { ...USUAL, ...plan, name: `${plan.level}-${(this.#turns += 1)}` };
    const [runs] = await Promise.all([
      Promise.allSettled(this.workers.map((app) => app.call<Operation[]>('run', turn))),
      faults(),
    ]);
    for (const [at, run] of runs.entries()) {
      if (run.status === 'rejected' && this.workers[at]?.isRunning) throw run.reason;
    }
    const told = runs.flatMap((run) => (run.status === 'fulfilled' ? run.value : []));
    const history = [...told, ...this.source.missing(told).filter(({ key }) => key.startsWith(`${turn.name}:`))];
    const report = check(history);
    const unknown = history.filter(({ outcome }) => outcome === 'unknown').length;
    const [first] = report.violations;
    console.log(
      `${turn.level}: ${report.operations} operations, ${unknown} unknown, on ${report.keys} keys: ` +
        `${report.violations.length} keys illegal, ${report.undecided.length} undecided`,
    );
    if (first !== undefined) console.log(printWitness(first));
    return { ...report, unknown };
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((app) => app.kill()));
    await this.source.close();
  }
}
