import type { DoctorReport } from '../../core/doctor/finding.js';
import type { Purpose } from '../../core/doctor/facts.js';
import type { Duration } from '../../core/shared/duration.js';

/** What is examined, and how long it may take. */
export interface ExamineOptions {
  /**
   * `'data'`: servers that hold values; `'coordination'`: servers for locks and limits alone, which evict nothing.
   * Default `'data'`.
   */
  readonly purpose?: Purpose | undefined;
  /** How long one node is waited for, in milliseconds or with a unit; above 0. Default `'2s'`. */
  readonly patience?: Duration | undefined;
}

/** Compares the Redis of `forRoot({ redis })` with the standard, value by value. It changes nothing. */
export abstract class CacheDoctor {
  /**
   * Asks every node, on connections of its own, and holds what they say against docs/doctor.md. A node that does not answer
   * within `patience` is a finding; it never rejects because of Redis. It takes at most twice the patience.
   *
   * @example const { severity, findings } = await doctor.examine();
   * @throws {CacheConfigError} for wrong options.
   */
  abstract examine(options?: ExamineOptions): Promise<DoctorReport>;
}
