import { describe, expect, it } from 'vitest';
import type { LockAnswer } from '../../../libs/cache/src/core/locks/lock-engine.js';
import type { RedisServer } from '../../support/redis/server.js';
import { eventually } from '../../support/redis/wait.js';
import { laggingReplicas } from '../kit/failovers.js';
import { claims, lockProcess, LOCKS, onePrimary, ROUNDS } from './one-primary.js';

const LIMIT_MS = ROUNDS * 60_000;

interface Sequences {
  /** Tokens that did not rise over the failover. */
  readonly regressed: number;
  /** The same, of a counter for each lock. */
  readonly countersRegressed: number;
}

/** A counter that each lock has beside it: what one writes first. */
async function counted(server: RedisServer, names: readonly string[]): Promise<number[]> {
  const wire = await server.open();
  const counts = await Promise.all(names.map((name) => wire.call('INCR', `{filler}-${name}`)));
  wire.close();
  return counts.map(Number);
}

const lastOf = (answer: LockAnswer | undefined): bigint => (answer?.kind === 'granted' ? answer.last : 0n);
const firstOf = (answer: LockAnswer | undefined): bigint => (answer?.kind === 'granted' ? answer.token : 0n);

/** Tokens of locks that a primary gave and its successor never heard of, and those that the successor gives. */
async function failover(): Promise<Sequences> {
  const place = await onePrimary(1);
  const { names, cluster, filler, slot } = place;
  const one = await lockProcess(place, { replicas: 0 });
  const { primary, lose } = await laggingReplicas(cluster, filler);
  const before = await claims(one, names, { owner: 'first', durability: 'local' });
  const counts = await counted(primary, names);
  await lose();
  const other = await lockProcess(place, { replicas: 0 });
  const after = await eventually('the successor grants', async () => {
    const answers = await claims(other, names, { owner: 'second', durability: 'local' });
    return answers.every((answer) => answer !== undefined) && answers;
  });
  const again = await counted((await cluster.nodesOfSlot(slot)).primary, names);
  return {
    regressed: names.filter((_name, at) => lastOf(before[at]) === 0n || firstOf(after[at]) <= lastOf(before[at]))
      .length,
    countersRegressed: again.filter((count, at) => count <= (counts[at] ?? 0)).length,
  };
}

describe('the tokens of locks', () => {
  it('rise, though a failover loses the last ones; counters do not (control)', { timeout: LIMIT_MS }, async () => {
    let regressed = 0;
    let countersRegressed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const seen = await failover();
      regressed += seen.regressed;
      countersRegressed += seen.countersRegressed;
    }
    console.log(`${ROUNDS * LOCKS} sequences: ${regressed} tokens did not rise, ${countersRegressed} counters did not`);
    expect(regressed).toBe(0);
    expect(countersRegressed).toBeGreaterThan(0);
  });
});
