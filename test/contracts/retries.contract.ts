import { describe, expect, it } from 'vitest';
import type {
  RetryCoordinator,
  RetryReport,
  RetryVerdict,
} from '../../libs/cache/src/core/retries/retry-coordinator.js';
import { FREE_RETRIES, PRESENCE_MS, PROBE_INTERVAL_MS } from '../../libs/cache/src/core/retries/retry-rules.js';

/** A place where processes agree, and time there. */
export interface RetryPlace {
  readonly coordinator: RetryCoordinator;
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>;
  /** A name nobody has used. */
  readonly fresh: () => string;
}

const QUIET = { requests: 0, retries: 0, want: 0, vote: 'none', epoch: 0, probe: 'none' } as const;
const LOTS = 1_000_000;

/** Processes that report about one operation, each with the epoch it knows. */
class Fleet {
  readonly operation: string;
  #epoch = 0;

  constructor(private readonly place: RetryPlace) {
    this.operation = place.fresh();
  }

  async say(process: string, said: Partial<RetryReport> = {}): Promise<RetryVerdict> {
    const report = { ...QUIET, operation: this.operation, process, epoch: this.#epoch, ...said };
    const verdict = await this.place.coordinator.report(report);
    this.#epoch = verdict.epoch;
    return verdict;
  }

  /** Two agree that the backend fails. */
  async open(): Promise<RetryVerdict> {
    await this.say('a');
    await this.say('a', { vote: 'failing' });
    return this.say('b', { vote: 'failing' });
  }
}

/** What every place where retries are agreed on keeps to. */
export function retriesContract(name: string, open: () => Promise<RetryPlace>): void {
  describe(`retries agreed on in ${name}`, () => {
    const start = async () => {
      const place = await open();
      return { ...place, fleet: new Fleet(place) };
    };

    describe('the budget', () => {
      it('lends what is free, and 20 % of the requests', async () => {
        const { fleet } = await start();
        expect((await fleet.say('a', { want: LOTS })).tokens).toBe(FREE_RETRIES);
        expect((await fleet.say('a', { requests: 1_000, want: LOTS })).tokens).toBe(FREE_RETRIES + 200);
      });

      it('lends no more than is wanted, and takes back what was not used', async () => {
        const { fleet } = await start();
        expect((await fleet.say('a', { want: 7 })).tokens).toBe(7);
        expect((await fleet.say('a', { want: LOTS })).tokens).toBe(FREE_RETRIES);
      });

      it('counts what was spent against everybody, also what nobody had lent', async () => {
        const { fleet } = await start();
        await fleet.say('a', { retries: FREE_RETRIES - 1 });
        expect((await fleet.say('b', { want: LOTS })).tokens).toBe(1);
        await fleet.say('b', { retries: 50 });
        expect((await fleet.say('a', { requests: 250, want: LOTS })).tokens).toBe(1);
        expect((await fleet.say('a', { retries: 1, want: LOTS })).tokens).toBe(0);
      });

      it('leaves the others their share', async () => {
        const { fleet } = await start();
        for (const process of ['a', 'b', 'c', 'd']) await fleet.say(process);
        const lent: number[] = [];
        for (const process of ['a', 'b', 'c', 'd']) lent.push((await fleet.say(process, { want: LOTS })).tokens);
        expect(lent[0]).toBe(FREE_RETRIES / 4);
        expect(Math.min(...lent)).toBeGreaterThan(0);
        expect(lent.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(FREE_RETRIES);
      });

      it('gives to others what was lent to a process that is gone', async () => {
        const { fleet, pass } = await start();
        await fleet.say('a', { want: LOTS });
        expect((await fleet.say('b', { want: LOTS })).tokens).toBe(0);
        await pass(PRESENCE_MS + 50);
        expect((await fleet.say('b', { want: LOTS })).tokens).toBe(FREE_RETRIES);
      });

      it('is of one operation', async () => {
        const { fleet, ...place } = await start();
        await fleet.say('a', { retries: FREE_RETRIES });
        expect((await new Fleet(place).say('a', { want: LOTS })).tokens).toBe(FREE_RETRIES);
      });
    });

    describe('the circuit', () => {
      it('opens when more than half of those who vote say failing, two at least', async () => {
        const { fleet } = await start();
        await fleet.say('a');
        const votes = [
          await fleet.say('a', { vote: 'failing' }),
          await fleet.say('b', { vote: 'healthy' }),
          await fleet.say('c', { vote: 'healthy' }),
          await fleet.say('d', { vote: 'failing' }),
        ];
        expect(votes.map(({ isOpen }) => isOpen)).toEqual([false, false, false, false]);
        expect(votes.at(-1)).toMatchObject({ voters: 4, failing: 2 });
        expect((await fleet.say('b', { vote: 'failing' })).isOpen).toBe(true);
      });

      it('is not opened by one process, whoever else is there', async () => {
        const { fleet } = await start();
        await fleet.say('a');
        expect((await fleet.say('a', { vote: 'failing' })).isOpen).toBe(false);
        await fleet.say('b');
        expect((await fleet.say('a', { vote: 'failing' })).isOpen).toBe(false);
      });

      it('does not count votes of an earlier epoch, nor of those who are gone', async () => {
        const { fleet, pass } = await start();
        await fleet.say('a', { vote: 'failing', epoch: 1 });
        expect((await fleet.say('b', { vote: 'failing' })).isOpen).toBe(false);
        await pass(PRESENCE_MS + 50);
        expect(await fleet.say('a', { vote: 'failing' })).toMatchObject({ isOpen: false, voters: 1 });
      });

      it('begins a new epoch when it opens and when it closes', async () => {
        const { fleet, pass } = await start();
        const { epoch: closed } = await fleet.say('a');
        const { epoch: opened } = await fleet.open();
        expect(opened).toBeGreaterThan(closed);
        await pass(PROBE_INTERVAL_MS);
        await fleet.say('a', { probe: 'ask' });
        const healed = await fleet.say('a', { probe: 'succeeded' });
        expect(healed.isOpen).toBe(false);
        expect(healed.epoch).toBeGreaterThan(opened);
      });

      it('allows one probe in an interval, in the whole fleet', async () => {
        const { fleet, pass } = await start();
        const { probeIn } = await fleet.open();
        expect(probeIn).toBeGreaterThan(PROBE_INTERVAL_MS / 2);
        const asked = async () => {
          const all = [];
          for (const process of ['a', 'b', 'c', 'd']) all.push((await fleet.say(process, { probe: 'ask' })).mayProbe);
          return all.filter(Boolean).length;
        };
        expect(await asked()).toBe(0);
        await pass(PROBE_INTERVAL_MS);
        expect(await asked()).toBe(1);
        await fleet.say('a', { probe: 'failed' });
        expect(await asked()).toBe(0);
        await pass(PROBE_INTERVAL_MS);
        expect(await asked()).toBe(1);
      });

      it('is closed by the probe that was allowed, by no other', async () => {
        const { fleet, pass } = await start();
        await fleet.open();
        await pass(PROBE_INTERVAL_MS);
        expect((await fleet.say('a', { probe: 'ask' })).mayProbe).toBe(true);
        expect((await fleet.say('b', { probe: 'succeeded' })).isOpen).toBe(true);
        expect((await fleet.say('a', { probe: 'failed' })).isOpen).toBe(true);
        expect((await fleet.say('a', { probe: 'succeeded' })).isOpen).toBe(true);
      });
    });
  });
}
