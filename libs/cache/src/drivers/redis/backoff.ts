import type { Random } from '../../core/shared/random.js';

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * Milliseconds before the n-th new attempt: doubled each time up to two seconds, with half of it by chance, so that a
 * fleet does not come back in step. There is no last attempt.
 */
export function backoff(attempt: number, random: Random): number {
  const full = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_MS);
  return Math.round(full * (0.5 + random() / 2));
}
