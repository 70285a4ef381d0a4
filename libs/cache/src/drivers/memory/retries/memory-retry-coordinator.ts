import type { RetryCoordinator, RetryReport, RetryVerdict } from '../../../core/retries/retry-coordinator.js';
import { MOST_PROCESSES, PRESENCE_MS, PROBE_INTERVAL_MS, SMALLEST_QUORUM } from '../../../core/retries/retry-rules.js';
import { RetryWindow } from '../../../core/retries/retry-window.js';
import type { Clock } from '../../../core/shared/clock.js';

interface Member extends Pick<RetryReport, 'vote' | 'epoch'> {
  readonly until: number;
  /** Tokens lent to it. */
  readonly tokens: number;
}

interface Agreement {
  readonly window: RetryWindow;
  /** By process, in the order of their last reports. */
  readonly members: Map<string, Member>;
  epoch: number;
  isOpen: boolean;
  probeAt: number;
  /** Who makes the probe. */
  prober: string | undefined;
}

/** Agreement within this process: what its operations and, in tests, several of its "processes" share. */
export class MemoryRetryCoordinator implements RetryCoordinator {
  readonly #agreements = new Map<string, Agreement>();

  constructor(private readonly clock: Clock) {}

  async report(report: RetryReport): Promise<RetryVerdict> {
    const agreement = this.#agreement(report.operation);
    const now = this.clock.now();
    const { members, window } = agreement;
    for (const [process, { until }] of members) if (until <= now) members.delete(process);
    members.delete(report.process);
    window.add(report.requests, report.retries);
    const tokens = lent(report, agreement);
    members.set(report.process, { vote: report.vote, epoch: report.epoch, until: now + PRESENCE_MS, tokens });
    for (const oldest of members.keys()) if (members.size > MOST_PROCESSES) members.delete(oldest);
    const mayProbe = probes(report, agreement, now);
    const { failing, voters } = count(agreement);
    if (!agreement.isOpen && failing >= SMALLEST_QUORUM && failing * 2 > voters) turn(agreement, true, now);
    const { epoch, isOpen, probeAt } = agreement;
    return { tokens, epoch, isOpen, mayProbe, probeIn: isOpen ? Math.max(0, probeAt - now) : 0, voters, failing };
  }

  #agreement(operation: string): Agreement {
    const known = this.#agreements.get(operation);
    if (known !== undefined) return known;
    const agreement: Agreement = {
      window: new RetryWindow(this.clock),
      members: new Map(),
      epoch: Math.floor(this.clock.now()),
      isOpen: false,
      probeAt: 0,
      prober: undefined,
    };
    this.#agreements.set(operation, agreement);
    return agreement;
  }
}

/** A fair share of what neither was spent nor is lent to others. */
function lent({ want }: RetryReport, { window, members }: Agreement): number {
  let left = window.left;
  for (const { tokens } of members.values()) left -= tokens;
  return Math.max(0, Math.min(want, Math.ceil(left / (members.size + 1))));
}

/** Takes the news of a probe, or allows one. */
function probes({ process, probe }: RetryReport, agreement: Agreement, now: number): boolean {
  if (!agreement.isOpen) return false;
  if (agreement.prober === process && probe !== 'none' && probe !== 'ask') {
    agreement.prober = undefined;
    if (probe === 'succeeded') turn(agreement, false, now);
    return false;
  }
  if (probe !== 'ask' || now < agreement.probeAt) return false;
  agreement.prober = process;
  agreement.probeAt = now + PROBE_INTERVAL_MS;
  return true;
}

function count({ members, epoch }: Agreement): { failing: number; voters: number } {
  const votes = [...members.values()].filter((member) => member.epoch === epoch && member.vote !== 'none');
  return { voters: votes.length, failing: votes.filter(({ vote }) => vote === 'failing').length };
}

function turn(agreement: Agreement, isOpen: boolean, now: number): void {
  agreement.isOpen = isOpen;
  agreement.epoch = Math.max(agreement.epoch + 1, Math.floor(now));
  agreement.probeAt = now + PROBE_INTERVAL_MS;
}
