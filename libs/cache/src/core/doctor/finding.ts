/**
 * How grave a finding is. `ok`: as the standard asks; `note`: worth knowing; `warning`: will hurt one day; `critical`:
 * hurts now, or takes away what locks and levels promise; `unknown`: the servers refuse to say.
 */
export type Severity = 'ok' | 'note' | 'warning' | 'critical' | 'unknown';

/** What the doctor says of one rule, for all nodes of which the same is true. */
export interface Finding {
  /** Of the rule; never changes: alert on it. */
  readonly id: string;
  readonly severity: Severity;
  /** `host:port` of the nodes it is true of; none where it is true of the whole. */
  readonly nodes: readonly string[];
  /** What the standard says. */
  readonly standard: string;
  /** What is. */
  readonly found: string;
  /** Why it matters. */
  readonly why: string;
  /** The command, or the step, that mends it. */
  readonly mend?: string | undefined;
}

/** All findings of one examination, the gravest first. */
export interface DoctorReport {
  /** The gravest of `critical`, `warning` and `note`; else `ok`. What is unknown does not count. */
  readonly severity: Exclude<Severity, 'unknown'>;
  /** `embedded`: there is no Redis to examine. */
  readonly topology: 'cluster' | 'standalone' | 'unknown' | 'embedded';
  /** `host:port` of every node that was asked. */
  readonly nodes: readonly string[];
  readonly findings: readonly Finding[];
}
