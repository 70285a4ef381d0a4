/** What a process thinks of its backend. `none`: it has too few calls to say. */
export type Vote = 'none' | 'healthy' | 'failing';

/** What a process says of the call that it was allowed to make while the circuit was open, or that it wants to make one. */
export type ProbeReport = 'none' | 'ask' | 'succeeded' | 'failed';

/** What a process tells of one operation since it last did. */
export interface RetryReport {
  /** One segment. */
  readonly operation: string;
  /** The process: the same in all of its reports, and in nobody else's. */
  readonly process: string;
  readonly requests: number;
  /** Retries made. They are paid for now, be the tokens there or not. */
  readonly retries: number;
  /** Tokens it would like to have until its next report. What it still had is given back. */
  readonly want: number;
  readonly vote: Vote;
  /** The epoch that the vote is of; 0 before the first verdict. */
  readonly epoch: number;
  readonly probe: ProbeReport;
}

/** What the fleet answers. */
export interface RetryVerdict {
  /** Retries that this process may make until its next report. */
  readonly tokens: number;
  /** Higher whenever the circuit has opened or closed: votes of an earlier one do not count. */
  readonly epoch: number;
  readonly isOpen: boolean;
  /** This process may let one call through. */
  readonly mayProbe: boolean;
  /** While open: when it is worth asking for a probe, ms from now. */
  readonly probeIn: number;
  /** Of how many voting processes how many vote `failing`. */
  readonly voters: number;
  readonly failing: number;
}

/**
 * Where the processes of a service agree on retries: one budget and one circuit for each operation. Asked in the
 * background, never by a call. Port; see `test/contracts/retries.contract.ts` for what every place keeps to.
 */
export interface RetryCoordinator {
  /** Answers within a bounded time, or rejects; then nobody knows whether it was heard. */
  report(report: RetryReport): Promise<RetryVerdict>;
}
