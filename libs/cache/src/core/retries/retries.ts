import { CacheTimeoutError, CircuitOpenError } from '../errors.js';
import { AttemptRun, type Attempt } from './attempt.js';
import { bounded, pause, type Ending } from './bounded.js';
import type { CallOutcome } from './circuit.js';
import type { Backoff } from './local-policies.js';
import { Operation, type OperationParts } from './operation.js';
import type { Random } from '../shared/random.js';
import { retryAfterOf } from './retry-after.js';
import type { ResolvedRetryPolicy } from './retry-policy.js';

/** One call: what is tried, and how often. */
export interface RetryCall<T> {
  readonly operation: string;
  readonly work: (attempt: Attempt) => PromiseLike<T> | T;
  readonly policy: ResolvedRetryPolicy;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
}

export interface RetriesParts extends Omit<OperationParts, 'process'> {
  readonly random: Random;
}

/** Makes failed calls again, within what the caller, the budget and the circuit of the operation allow. */
export class Retries {
  readonly #operations = new Map<string, Operation>();

  readonly #parts: OperationParts;

  constructor({ random, ...parts }: RetriesParts) {
    const half = () => Math.floor(random() * 2 ** 48).toString(36);
    this.#parts = { ...parts, process: half() + half() };
  }

  /**
   * @throws the last attempt's own error, unchanged; the reason of the caller's signal.
   * @throws {CircuitOpenError} where no attempt was made because the circuit is open.
   * @throws {CacheTimeoutError} where the deadline passed during the first attempt.
   */
  run<T>(call: RetryCall<T>): Promise<T> {
    return new Run(call, this.#operation(call.operation), this.#parts).go();
  }

  /** Ends what goes on in the background. */
  close(): void {
    for (const operation of this.#operations.values()) operation.close();
  }

  #operation(name: string): Operation {
    const known = this.#operations.get(name);
    if (known !== undefined) return known;
    const operation = new Operation(name, this.#parts);
    this.#operations.set(name, operation);
    return operation;
  }
}

/** A call under way. */
class Run<T> {
  readonly #began: number;
  readonly #deadline: number;
  /** The shortest attempt so far, ms: another is not started with less time left. */
  #shortest = Infinity;
  #backoff: Backoff | undefined;
  /** Whether another attempt may succeed after the last one. */
  #isTransient = false;
  #last: { readonly error: unknown } | undefined;

  constructor(
    private readonly call: RetryCall<T>,
    private readonly operation: Operation,
    private readonly parts: OperationParts,
  ) {
    this.#began = parts.clock.now();
    this.#deadline = this.#began + call.policy.deadline;
  }

  async go(): Promise<T> {
    const { signal } = this.call;
    this.operation.called();
    signal?.throwIfAborted();
    for (let number = 1; ; number += 1) {
      const ending = await this.#attempt(number);
      if (ending.kind === 'value') return ending.value;
      if (ending.kind === 'aborted') throw ending.reason;
      if (ending.kind === 'late') throw this.#last === undefined ? this.#late() : this.#last.error;
      const { error } = ending;
      this.#last = { error };
      if (!this.#isTransient || number >= this.call.policy.attempts) throw error;
      // Most calls need none.
      this.#backoff ??= this.parts.policies.backoff(this.call.policy.delay);
      const delay = this.#backoff.next() + (retryAfterOf(error, this.parts.clock.now()) ?? 0);
      if (!this.#mayRetry(number, delay, error)) throw error;
      const aborted = await pause(delay, { clock: this.parts.clock, signal });
      if (aborted !== undefined) throw aborted.reason;
    }
  }

  async #attempt(number: number): Promise<Ending<T>> {
    const { work, policy, signal } = this.call;
    const { clock } = this.parts;
    const { circuit, budget } = this.operation;
    const admission = policy.breaker ? circuit.admit() : PASS;
    if (admission.kind === 'refused')
      throw this.#last === undefined ? this.#open(admission.retryAfter) : this.#last.error;
    if (number === 1) budget.deposit();
    const began = clock.now();
    const attempt = new AttemptRun(number, Math.floor(this.#deadline));
    const ending = await bounded(() => work(attempt), { clock, ms: this.#deadline - began, signal });
    if (ending.kind === 'aborted') attempt.abort(ending.reason);
    if (ending.kind === 'late') attempt.abort(this.#late());
    this.#shortest = Math.min(this.#shortest, clock.now() - began);
    this.#isTransient = ending.kind === 'error' && isTransient(policy, ending.error);
    if (policy.breaker) circuit.record(admission, this.#outcome(ending));
    return ending;
  }

  #outcome({ kind }: Ending<T>): CallOutcome {
    if (kind === 'aborted') return 'unknown';
    // An error that another attempt would only repeat says nothing against the backend.
    return kind === 'late' || this.#isTransient ? 'failed' : 'succeeded';
  }

  #mayRetry(attempt: number, delay: number, error: unknown): boolean {
    const { clock, events } = this.parts;
    const { name: operation, budget } = this.operation;
    if (clock.now() + delay + this.#shortest >= this.#deadline) return false;
    const isPaid = budget.withdraw();
    if (isPaid) events.emit({ type: 'retried', operation, attempt, delay, error });
    else events.emit({ type: 'retry-refused', operation, attempt, error });
    return isPaid;
  }

  #open(retryAfter: number): CircuitOpenError {
    const { name } = this.operation;
    return new CircuitOpenError(
      `'${name}' was not tried: its backend fails, and calls of it fail at once until one gets through. Try again in ${retryAfter} ms.`,
      retryAfter,
    );
  }

  #late(): CacheTimeoutError {
    return new CacheTimeoutError(
      `'${this.operation.name}' did not end within ${this.call.policy.deadline} ms. Hand attempt.signal to what it waits for, or raise its deadline.`,
    );
  }
}

const PASS = { kind: 'pass' } as const;

function isTransient({ retryIf }: ResolvedRetryPolicy, error: unknown): boolean {
  try {
    return retryIf(error);
  } catch {
    // The caller is to see why its call failed, not why its predicate did.
    return false;
  }
}
