import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { retryProcess, seeded, type RetryProcess } from '../../../../../test/support/retries.js';
import { MemoryRetryCoordinator } from '../../drivers/memory/retries/memory-retry-coordinator.js';
import { CircuitOpenError } from '../errors.js';
import { CALLS_PER_REPORT } from './operation.js';
import { RetryBudget } from './retry-budget.js';
import type { RetryCoordinator } from './retry-coordinator.js';
import type { RetryOptions } from './retry-policy.js';
import { FREE_RETRIES, PROBE_INTERVAL_MS } from './retry-rules.js';

const STEP_MS = 5;
const NO_BREAKER: RetryOptions = { breaker: false };

afterEach(() => void vi.restoreAllMocks());

/** Eight processes with state of their own, that call an operation 200 times a second each. */
class Fleet {
  readonly clock = new FakeClock();
  readonly processes: readonly RetryProcess[];
  /** What reached the backend: who sent it, and when. */
  readonly sent: { readonly from: number; readonly at: number }[] = [];
  /** Those for whom the backend fails. */
  sick: ReadonlySet<number> = new Set();
  reports = 0;
  requests = 0;
  isReachable = true;
  refused = 0;

  constructor(size = 8, seed = 1) {
    const memory = new MemoryRetryCoordinator(this.clock);
    const coordinator: RetryCoordinator = {
      report: async (report) => {
        this.reports += 1;
        if (!this.isReachable) throw new Error('away');
        return memory.report(report);
      },
    };
    this.processes = Array.from({ length: size }, (_, at) =>
      retryProcess({ clock: this.clock, coordinator, random: seeded(100 * seed + at) }),
    );
  }

  get all(): ReadonlySet<number> {
    return new Set(this.processes.keys());
  }

  async run(ms: number, options: RetryOptions = {}): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      for (const [from, { call }] of this.processes.entries()) {
        this.requests += 1;
        call(() => this.#answer(from), options).catch((error: unknown) => {
          if (error instanceof CircuitOpenError) this.refused += 1;
        });
      }
      await settle();
      this.clock.advance(STEP_MS);
      await settle();
    }
  }

  #answer(from: number): number {
    this.sent.push({ from, at: this.clock.now() });
    if (this.sick.has(from)) throw new Error('down');
    return 1;
  }

  /** Who has told this, with its scope. */
  told(type: 'breaker-opened' | 'breaker-closed'): readonly { from: number; scope: string }[] {
    return this.processes.flatMap(({ told }, from) =>
      told.flatMap((event) => (event.type === type ? [{ from, scope: event.scope }] : [])),
    );
  }
}

describe('a backend that fails every call', () => {
  /** What reached the backend, for each request, without what is free. */
  async function amplification(change: (fleet: Fleet) => void = () => undefined): Promise<number> {
    const fleet = new Fleet();
    await fleet.run(1_000, NO_BREAKER);
    change(fleet);
    fleet.sick = fleet.all;
    const [requests, sent] = [fleet.requests, fleet.sent.length];
    await fleet.run(5_000, NO_BREAKER);
    return (fleet.sent.length - sent - FREE_RETRIES) / (fleet.requests - requests);
  }

  it('is sent 1.2 times as much at most, beside what is free', async () => {
    // What the second before has paid for is spent as well.
    expect(await amplification()).toBeLessThanOrEqual(1.2 + 0.2 / 5);
  });

  it('is sent three times as much without the budget (control)', async () => {
    vi.spyOn(RetryBudget.prototype, 'withdraw').mockReturnValue(true);
    expect(await amplification()).toBeGreaterThan(2.5);
  });

  it('is sent no more when the fleet cannot be asked, but for what is free for each process', async () => {
    const free = (7 * FREE_RETRIES) / (8 * 200 * 5);
    const away = (fleet: Fleet) => (fleet.isReachable = false);
    expect(await amplification(away)).toBeLessThanOrEqual(1.2 + 0.2 / 5 + free);
  });

  it('costs one report for a hundred requests, and one a second', async () => {
    const fleet = new Fleet();
    fleet.sick = fleet.all;
    await fleet.run(5_000, NO_BREAKER);
    expect(fleet.reports).toBeLessThanOrEqual(fleet.requests / CALLS_PER_REPORT + 8 * 6);
  });

  it('gives the error to the caller when there is no token left, and says so', async () => {
    const fleet = new Fleet();
    fleet.sick = fleet.all;
    await fleet.run(2_000, NO_BREAKER);
    const refusals = fleet.processes.map(({ told }) => told.filter(({ type }) => type === 'retry-refused').length);
    expect(Math.min(...refusals)).toBeGreaterThan(0);
  });
});

describe('the circuit of a fleet', () => {
  it('opens in all processes within 500 ms', async () => {
    for (let seed = 0; seed < 5; seed += 1) {
      const fleet = new Fleet(8, seed);
      await fleet.run(1_000);
      fleet.sick = fleet.all;
      await fleet.run(500);
      expect(
        fleet
          .told('breaker-opened')
          .map(({ from }) => from)
          .toSorted((a, b) => a - b),
      ).toEqual([...fleet.all]);
      expect(new Set(fleet.told('breaker-opened').map(({ scope }) => scope))).toEqual(new Set(['fleet']));
      const before = fleet.refused;
      await fleet.run(100);
      expect(fleet.refused - before).toBe(8 * 20);
    }
  });

  /** What the others do when one of eight fails from the beginning, or from some time on. */
  async function oneSick(round: number): Promise<readonly string[]> {
    const fleet = new Fleet(8, round);
    await fleet.run((round % 5) * 100);
    fleet.sick = new Set([round % 8]);
    await fleet.run(1_500);
    return fleet.told('breaker-opened').map(({ from, scope }) => `${scope} ${fleet.sick.has(from) ? 'sick' : 'well'}`);
  }

  it('is not opened by one that is sick: it opens for itself, 50 times', async () => {
    for (let round = 0; round < 50; round += 1) expect(await oneSick(round)).toEqual(['process sick']);
  });

  it('would be if one vote were enough (control)', async () => {
    const coordinator = vi.spyOn(MemoryRetryCoordinator.prototype, 'report');
    const fleet = new Fleet();
    coordinator.mockImplementation(async ({ vote }) => ({
      tokens: 0,
      epoch: fleet.clock.now(),
      isOpen: vote === 'failing' || fleet.told('breaker-opened').length > 0,
      mayProbe: false,
      probeIn: 1_000,
      voters: 8,
      failing: 1,
    }));
    fleet.sick = new Set([3]);
    await fleet.run(1_500);
    expect(new Set(fleet.told('breaker-opened').map(({ from }) => from))).toEqual(fleet.all);
  });

  it('lets one call through in an interval, and closes with the first that succeeds', async () => {
    const fleet = new Fleet();
    await fleet.run(1_000);
    fleet.sick = fleet.all;
    await fleet.run(1_000);
    const from = fleet.sent.length;
    await fleet.run(10 * PROBE_INTERVAL_MS);
    const probes = fleet.sent.slice(from).map(({ at }) => at);
    expect(probes.length).toBeGreaterThanOrEqual(7);
    expect(probes.length).toBeLessThanOrEqual(10);
    const gaps = probes.slice(1).map((at, before) => at - (probes[before] ?? 0));
    // Where the process that was allowed to probe had to wait for a call, the next may follow a little sooner.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(PROBE_INTERVAL_MS - 2 * STEP_MS);
    fleet.sick = new Set();
    await fleet.run(3 * PROBE_INTERVAL_MS);
    expect(new Set(fleet.told('breaker-closed').map(({ from: who }) => who))).toEqual(fleet.all);
    const before = fleet.refused;
    await fleet.run(500);
    expect(fleet.refused).toBe(before);
  });

  it('is that of each process while the fleet cannot be asked', async () => {
    const fleet = new Fleet();
    fleet.isReachable = false;
    fleet.sick = new Set([1, 2]);
    await fleet.run(1_000);
    expect(fleet.told('breaker-opened')).toEqual([
      { from: 1, scope: 'process' },
      { from: 2, scope: 'process' },
    ]);
    fleet.sick = new Set();
    await fleet.run(2 * PROBE_INTERVAL_MS);
    expect(fleet.told('breaker-closed').map(({ from }) => from)).toEqual([1, 2]);
  });

  it('survives that the fleet forgets: nobody stays open', async () => {
    const fleet = new Fleet(3);
    await fleet.run(1_000);
    fleet.sick = fleet.all;
    await fleet.run(1_000);
    fleet.sick = new Set();
    fleet.isReachable = false;
    await fleet.run(3 * PROBE_INTERVAL_MS + 2_500);
    const before = fleet.refused;
    await fleet.run(200);
    expect(fleet.refused).toBe(before);
  });
});
