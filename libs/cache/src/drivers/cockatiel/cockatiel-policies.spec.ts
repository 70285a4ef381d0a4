import { describe, expect, it } from 'vitest';
import { seeded } from '../../../../../test/support/retries.js';
import { JUDGED_CALLS, VOTING_CALLS } from '../../core/retries/retry-rules.js';
import { cockatielPolicies } from './cockatiel-policies.js';

const delays = (random: () => number, count: number) => {
  const backoff = cockatielPolicies(random).backoff({ base: 100, max: 1_000 });
  return Array.from({ length: count }, () => backoff.next());
};

describe('the delays', () => {
  it('are drawn from 0 to a bound that doubles up to the longest', () => {
    expect(delays(() => 0.5, 6)).toEqual([50, 100, 200, 400, 500, 500]);
    expect(delays(() => 0, 2)).toEqual([0, 0]);
  });

  /** Of a hundred processes that failed together, how many come back in the busiest fifth of the second they have. */
  const busiest = (random: () => number) => {
    const fifths = Array.from({ length: 5 }, () => 0);
    for (let process = 0; process < 100; process += 1) {
      const fifth = Math.floor((delays(random, 5).at(-1) ?? 0) / 200);
      fifths[fifth] = (fifths[fifth] ?? 0) + 1;
    }
    return Math.max(...fifths);
  };

  it('spread those who failed together: at most twice the steady rate', () => {
    const rounds = Array.from({ length: 200 }, (_, round) => busiest(seeded(round)));
    expect(Math.max(...rounds)).toBeLessThanOrEqual((2 * 100) / 5);
  });

  it('are what spreads them (control)', () => {
    expect(busiest(() => 0.5)).toBe(100);
  });
});

describe('the window', () => {
  const failed = (window: { failed(): boolean }, times: number) =>
    Array.from({ length: times }, () => window.failed()).at(-1);

  it('says nothing of a few calls', () => {
    const window = cockatielPolicies(Math.random).window();
    expect(failed(window, VOTING_CALLS - 1)).toBe(false);
    expect(window.failed()).toBe(true);
  });

  it('says failing when more than half of the last calls have failed', () => {
    const window = cockatielPolicies(Math.random).window();
    for (let call = 0; call < 10 * JUDGED_CALLS; call += 1) window.succeeded();
    expect(failed(window, JUDGED_CALLS / 2)).toBe(false);
    expect(window.failed()).toBe(true);
    for (let call = 0; call < JUDGED_CALLS / 2; call += 1) window.succeeded();
    expect(window.failed()).toBe(false);
  });
});
