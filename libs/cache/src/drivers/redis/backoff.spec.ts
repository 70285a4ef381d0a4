import { describe, expect, it } from 'vitest';
import { backoff } from './backoff.js';

describe('the pause before a new attempt', () => {
  it('doubles up to two seconds', () => {
    const longest = [1, 2, 3, 6, 7, 8, 1_000].map((attempt) => backoff(attempt, () => 1));
    expect(longest).toEqual([50, 100, 200, 1_600, 2_000, 2_000, 2_000]);
  });

  it('is half by chance', () => {
    expect([backoff(1, () => 0), backoff(50, () => 0), backoff(50, () => 0.5)]).toEqual([25, 1_000, 1_500]);
  });
});
