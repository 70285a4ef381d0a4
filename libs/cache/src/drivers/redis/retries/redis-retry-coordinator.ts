import type { RetryCoordinator, RetryReport, RetryVerdict } from '../../../core/retries/retry-coordinator.js';
import type { Coordination } from '../coordination/coordination.js';
import { REPORT } from './report.script.js';

/** The key under which the processes of a service agree on an operation. */
export function retryKey(service: string, operation: string): string {
  return `mesh:${service}:retry:${operation}`;
}

/** Agreement through Redis: one key for each operation, one command for each report. */
export class RedisRetryCoordinator implements RetryCoordinator {
  constructor(private readonly coordination: Pick<Coordination, 'run' | 'service'>) {}

  async report(report: RetryReport): Promise<RetryVerdict> {
    const { operation, process, requests, retries, want, vote, epoch, probe } = report;
    const key = retryKey(this.coordination.service, operation);
    const args = [process, requests, retries, want, vote, epoch, probe];
    const said = await this.coordination.run({ script: REPORT, key, args });
    const [tokens = 0, era = 0, open = 0, may = 0, probeIn = 0, voters = 0, failing = 0] = said.map(Number);
    return { tokens, epoch: era, isOpen: open === 1, mayProbe: may === 1, probeIn, voters, failing };
  }
}
