import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';
import type { CallWindow, LocalPolicies } from './local-policies.js';
import type { ProbeReport, RetryVerdict, Vote } from './retry-coordinator.js';
import { PROBE_INTERVAL_MS, VOTING_CALLS } from './retry-rules.js';

/** How long a failing process waits for the others to agree before it opens for itself alone. */
export const AGREEMENT_MS = 500;

/** What a call is told. A probe must be given its outcome, whatever becomes of it. */
export type Admission =
  { readonly kind: 'pass' } | { readonly kind: 'probe' } | { readonly kind: 'refused'; readonly retryAfter: number };

export type CallOutcome = 'succeeded' | 'failed' | 'unknown';

const PASS: Admission = { kind: 'pass' };
const PROBE: Admission = { kind: 'probe' };

export interface CircuitParts {
  readonly operation: string;
  readonly clock: Clock;
  readonly policies: Pick<LocalPolicies, 'window'>;
  readonly events: EventHub;
  /** Whether the fleet has answered lately. */
  readonly isHeard: () => boolean;
  /** Something that the fleet should know at once. */
  readonly urgent: () => void;
}

/**
 * Keeps calls from a backend that fails. Each process judges by its own last calls and votes; the fleet opens by a quorum
 * (see the coordinator), and one process lets one call through to try. Who fails and finds nobody who agrees is sick
 * itself, and opens for itself alone; so does a process that does not hear the fleet.
 */
export class Circuit {
  #window: CallWindow;
  #calls = 0;
  #failing = false;
  /** Whether calls failed or succeeded since the last report: a vote `failing` needs failures to stand. */
  #failedSince = false;
  #succeededSince = false;
  #failingSince = 0;
  #epoch = 0;
  #open: 'no' | 'process' | 'fleet' = 'no';
  /** Not before: of the process's own probe, or of asking for the fleet's. */
  #probeAt = 0;
  /** The fleet lets this process make its probe until then. */
  #mayProbeUntil = -Infinity;
  #isProbing = false;
  /** Somebody was refused when a probe was due. */
  #asks = false;
  #told: ProbeReport = 'none';

  constructor(private readonly parts: CircuitParts) {
    this.#window = parts.policies.window();
  }

  /** Whether to report soon: the others may be about to agree. */
  get isUndecided(): boolean {
    return this.#failing && this.#open === 'no';
  }

  /** Whether there is a probe to ask for. */
  get isAsking(): boolean {
    return this.#asks && this.#open === 'fleet';
  }

  admit(): Admission {
    if (this.#open === 'fleet' && !this.parts.isHeard()) this.#openAlone();
    if (this.#open === 'no') return PASS;
    const now = this.parts.clock.now();
    const isDue = this.#open === 'fleet' ? now < this.#mayProbeUntil : now >= this.#probeAt;
    if (!this.#isProbing && isDue) {
      this.#isProbing = true;
      this.#mayProbeUntil = -Infinity;
      this.#probeAt = now + PROBE_INTERVAL_MS;
      return PROBE;
    }
    if (now >= this.#probeAt) this.#asks = true;
    return { kind: 'refused', retryAfter: Math.max(1, Math.ceil(this.#probeAt - now)) };
  }

  /** What became of a call that was let through. */
  record(admission: Admission, outcome: CallOutcome): void {
    if (admission.kind === 'probe') this.#probed(outcome);
    // Those that were under way when it opened have nothing new to say.
    else if (this.#open === 'no' && outcome !== 'unknown') this.#judge(outcome);
  }

  /** What to report; counting what happens between two reports begins anew. */
  tell(): { readonly vote: Vote; readonly epoch: number; readonly probe: ProbeReport } {
    if (this.#open === 'no' && this.#succeededSince && !this.#failedSince) this.#failing = false;
    this.#failedSince = this.#succeededSince = false;
    const probe = this.#told !== 'none' ? this.#told : this.isAsking ? 'ask' : 'none';
    this.#told = 'none';
    this.#asks = false;
    const vote = this.#failing ? 'failing' : this.#calls < VOTING_CALLS ? 'none' : 'healthy';
    return { vote, epoch: this.#epoch, probe };
  }

  /** A report may not have been heard: its news of a probe is told again. */
  untell(probe: ProbeReport): void {
    if ((probe === 'succeeded' || probe === 'failed') && this.#told === 'none') this.#told = probe;
  }

  /** What the fleet has decided on a report of that time. */
  hear({ epoch, isOpen, mayProbe, probeIn }: RetryVerdict, sentAt: number): void {
    const isNews = this.#epoch !== 0 && epoch !== this.#epoch;
    this.#epoch = epoch;
    if (isOpen) {
      this.#become('fleet');
      // Counted from when it was asked for: the next process may be allowed to right after.
      if (mayProbe) this.#mayProbeUntil = sentAt + PROBE_INTERVAL_MS;
      this.#probeAt = this.parts.clock.now() + probeIn;
    } else if (this.#open === 'fleet' || (isNews && this.#open === 'no')) this.#close();
  }

  #judge(outcome: 'succeeded' | 'failed'): void {
    this.#calls += 1;
    if (outcome === 'succeeded') {
      this.#succeededSince = true;
      return this.#window.succeeded();
    }
    this.#failedSince = true;
    const wasFailing = this.#failing;
    this.#failing = this.#window.failed();
    if (!this.#failing) return;
    const now = this.parts.clock.now();
    if (!wasFailing) {
      this.#failingSince = now;
      this.parts.urgent();
    }
    if (!this.parts.isHeard() || now - this.#failingSince >= AGREEMENT_MS) this.#openAlone();
  }

  #probed(outcome: CallOutcome): void {
    this.#isProbing = false;
    if (this.#open === 'process') {
      if (outcome === 'succeeded') this.#close();
      return;
    }
    this.#told = outcome === 'succeeded' ? 'succeeded' : 'failed';
    this.parts.urgent();
  }

  #openAlone(): void {
    this.#probeAt = this.parts.clock.now() + PROBE_INTERVAL_MS;
    this.#become('process');
  }

  #become(open: 'process' | 'fleet'): void {
    if (this.#open === open) return;
    this.#open = open;
    this.#failing = true;
    this.#mayProbeUntil = -Infinity;
    this.parts.events.emit({ type: 'breaker-opened', operation: this.parts.operation, scope: open });
  }

  #close(): void {
    const scope = this.#open;
    this.#open = 'no';
    this.#failing = this.#failedSince = this.#succeededSince = this.#asks = false;
    this.#calls = 0;
    this.#window = this.parts.policies.window();
    if (scope !== 'no') this.parts.events.emit({ type: 'breaker-closed', operation: this.parts.operation, scope });
  }
}
