import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseSeed } from '../kit/seed.js';
import { accountOf, explain } from './account.js';
import { KINDS } from './faults.js';
import { Ground, ROUND_MS, type RoundResult } from './ground.js';

/** Rounds one after the other, each with a seed and keys of its own. `STRICT_RUNS=12` is the long profile: 1,200,000 operations, 216 faults. */
const ROUNDS = Number(process.env.STRICT_RUNS ?? 1);
const REPLICAS = Number(process.env.STRICT_REPLICAS ?? 1);
/** Where the figures go, as JSON; absent: they are only printed. */
const FIGURES = process.env.STRICT_FIGURES;

const OPERATIONS = 100_000;
/** Rounds of the control until one does harm. */
const CONTROLS = 6;
/** Each kind once, and some twice. */
const EVENTS = 18;

const seed = chooseSeed('strict');
let ground: Ground;

function startOf(service: string, confirms: boolean) {
  beforeAll(async () => {
    ground = await Ground.start(service, { seed, replicas: REPLICAS, confirms });
  });
  afterAll(() => ground?.stop());
}

describe('strict reads and writes, while the cluster and the processes are struck', () => {
  startOf('strict', true);

  it('are those of one register a key', { timeout: ROUNDS * ROUND_MS }, async () => {
    const results: RoundResult[] = [];
    for (let at = 0; at < ROUNDS; at += 1) {
      const plan = { seed: seed + at, operations: OPERATIONS, events: EVENTS, kinds: KINDS };
      const result = await ground.round(plan);
      results.push(result);
      for (const violation of result.violations) console.log(`seed ${plan.seed}\n${explain(violation, result.struck)}`);
      // Whoever was told that nothing happened was told the truth, and nobody was told anything else.
      expect(result).toMatchObject({ violations: [], undecided: [], contradicted: [], untyped: [] });
      expect(result.operations).toBeGreaterThanOrEqual(OPERATIONS);
      expect(result.struck).toHaveLength(EVENTS);
      // To refuse everything is no art.
      expect(result.outcomes.ok / result.operations).toBeGreaterThan(0.8);
      // The control: who reads the same keys plainly meanwhile is not spared.
      expect(result.plain.violations.length).toBeGreaterThan(0);
    }
    const account = accountOf(seed, results);
    console.log(JSON.stringify(account, undefined, 2));
    if (FIGURES !== undefined) writeFileSync(FIGURES, JSON.stringify(account));
  });
});

describe('the same, with nobody waiting for replicas (control)', () => {
  startOf('unconfirmed', false);

  // One round in five happens to harm nobody.
  it('are not, when primaries are replaced', { timeout: CONTROLS * ROUND_MS }, async () => {
    const kinds = ['zombie primary', 'lagging replica, killed primary'] as const;
    let harmed = 0;
    for (let at = 0; at < CONTROLS && harmed === 0; at += 1) {
      const { violations } = await ground.round({ seed: seed + at, operations: 2_000, events: 2, kinds });
      harmed = violations.length;
    }
    expect(harmed).toBeGreaterThan(0);
  });
});
