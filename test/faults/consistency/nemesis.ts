import { setTimeout as sleep } from 'node:timers/promises';
import { healed } from '../kit/healed.js';
import { schedule } from '../kit/schedule.js';
import { branch } from '../kit/seed.js';
import { FAULTS, type Kind, type Scene } from './faults.js';
import { hostTime } from './host-time.js';

/** Without faults between two of them, ms at least; and before the first, until there is something to be lost. */
const QUIET_MS = 200;
const WARM_MS = 1_500;

/** A fault that happened. Times are those of the history. */
export interface Struck {
  readonly kind: Kind;
  readonly began: number;
  /** When it was over, when the cluster was whole again, and when every worker had written and read. */
  readonly over: number;
  readonly whole: number;
  readonly well: number;
}

export interface Campaign {
  readonly events: number;
  readonly seed: number;
  readonly kinds: readonly Kind[];
}

/**
 * Lets faults happen one after the other. Before the next the cluster is whole again, and every worker has written and
 * read.
 * @throws what a fault came to that could not be done, or what did not heal, with the kind of the fault
 */
export async function nemesis(scene: Scene, { events, seed, kinds }: Campaign): Promise<Struck[]> {
  const struck: Struck[] = [];
  await sleep(WARM_MS);
  for (const [at, kind] of schedule(kinds, { events, seed }).entries()) {
    try {
      struck.push(await strike(scene, kind, branch(seed, 2, at)));
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new Error(`fault ${at + 1} of seed ${seed}, ${kind}: ${cause}`, { cause: error });
    }
    await sleep(QUIET_MS);
  }
  return struck;
}

async function strike(scene: Scene, kind: Kind, random: () => number): Promise<Struck> {
  const began = hostTime();
  await FAULTS[kind](scene, random);
  const over = hostTime();
  await healed(scene.cluster, scene.replicas);
  const whole = hostTime();
  await Promise.all(scene.workers.map((worker) => worker.well()));
  return { kind, began, over, whole, well: hostTime() };
}
