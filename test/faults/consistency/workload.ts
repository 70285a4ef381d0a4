import { check, type Report } from '../../support/consistency/check.js';
import type { Operation, Outcome } from '../../support/consistency/operation.js';
import { printWitness } from '../../support/consistency/witness.js';
import { eventually } from '../../support/redis/wait.js';
import { RegisterServer } from './register-server.js';
import type { Turn } from './turn.js';
import { Worker } from './worker.js';
import type { WorkerOptions } from './worker.app.js';

/** Rare writes: what is never kept is never stale. */
const USUAL = { keys: 16, clients: 6, plain: 0, writes: 0.02, idle: 4 };

export interface Plan extends Pick<Turn, 'level' | 'ms' | 'seed'>, Partial<typeof USUAL> {
  /** Of its keys and values, no two turns alike; absent: one is found. */
  readonly name?: string;
  /** The turn goes on until the faults are over and there are so many operations, and ends then; absent: it takes its time. */
  readonly operations?: number;
}

export interface Result extends Report {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** The same writes with the reads of plain clients. */
  readonly plain: Report & { readonly reads: number };
  /** Errors that were no `CacheConsistencyError`. */
  readonly untyped: readonly string[];
  /** Writes of which a worker was told that they did not happen, and that the source has taken. */
  readonly contradicted: readonly Operation[];
}

/** Where a worker finds Redis, and how. */
export type Place = Pick<WorkerOptions, 'redis' | 'detours' | 'confirms'>;

/** Applications in processes of their own before one source, and what they record, checked. */
export class Workload {
  #turns = 0;

  private constructor(
    readonly workers: readonly Worker[],
    private readonly source: RegisterServer,
  ) {}

  /** @param places one for each worker */
  static async start(service: string, places: readonly Place[]): Promise<Workload> {
    const source = await RegisterServer.start();
    const workers = places.map((place, number) => new Worker({ ...place, service, source: source.port, number }));
    try {
      // The first compiles for all others.
      await workers[0]?.start();
      await Promise.all(workers.slice(1).map((worker) => worker.start()));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.kill()));
      await source.close();
      throw error;
    }
    return new Workload(workers, source);
  }

  /** All workers at once, while the faults happen; a worker that is killed meanwhile tells nothing of itself. */
  async run({ operations, ...plan }: Plan, faults: () => Promise<void> = async () => undefined): Promise<Result> {
    const turn: Turn = { ...USUAL, name: `${plan.level}-${(this.#turns += 1)}`, ...plan };
    for (const worker of this.workers) worker.begin(turn);
    try {
      await faults();
      if (operations !== undefined) await this.#atLeast(operations, turn.ms);
    } finally {
      if (operations !== undefined) await Promise.all(this.workers.map((worker) => worker.halt()));
    }
    return this.#result(turn);
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.source.close();
  }

  async #atLeast(operations: number, ms: number): Promise<void> {
    const enough = async () => {
      const done = await Promise.all(this.workers.map((worker) => worker.done()));
      return done.reduce((sum, one) => sum + one, 0) >= operations;
    };
    await eventually(`there are ${operations} operations`, enough, ms);
  }

  async #result(turn: Turn): Promise<Result> {
    const told = (await Promise.all(this.workers.map((worker) => worker.told()))).flat();
    const known = told.flatMap((one) => one.operations);
    const missing = this.source.missing(known).filter(({ key }) => key.startsWith(`${turn.name}:`));
    const history = [...known, ...missing];
    const reads = told.flatMap(({ plain }) => plain);
    const report = check(history);
    const outcomes = { ok: 0, failed: 0, unknown: 0 };
    for (const { outcome } of history) outcomes[outcome] += 1;
    const plain = { ...check([...history.filter(({ kind }) => kind !== 'read'), ...reads]), reads: reads.length };
    const result = {
      ...report,
      outcomes,
      plain,
      untyped: [...new Set(told.flatMap(({ untyped }) => untyped))],
      contradicted: this.source.contradicted(known),
    };
    tell(turn, result);
    return result;
  }
}

function tell({ level }: Turn, { operations, keys, outcomes, violations, undecided, plain }: Result): void {
  const { ok, failed, unknown } = outcomes;
  console.log(
    `${level}: ${operations} operations on ${keys} keys, ${ok} ok, ${failed} rejected, ${unknown} unknown: ` +
      `${violations.length} keys illegal, ${undecided.length} undecided` +
      (plain.reads === 0 ? '' : `; ${plain.reads} plain reads: ${plain.violations.length} keys illegal`),
  );
  const [first] = violations;
  if (first !== undefined) console.log(printWitness(first));
}
