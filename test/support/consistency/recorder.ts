import type { Ask, Content, Operation, Outcome, Value } from './operation.js';

/** Where operations go: first what is about to be asked, then what came of it. */
export interface Log {
  /** Written before the operation is sent: who is killed in between leaves it as unknown. */
  begun(id: number, open: Operation): void;
  ended(id: number, done: Operation): void;
}

/** The history of one process. */
export class History implements Log {
  readonly #operations = new Map<number, Operation>();

  begun(id: number, open: Operation): void {
    this.#operations.set(id, open);
  }

  ended(id: number, done: Operation): void {
    this.#operations.set(id, done);
  }

  /** Those that have not ended are unknown. */
  get operations(): Operation[] {
    return [...this.#operations.values()];
  }
}

export interface RecorderOptions {
  readonly client: string;
  readonly log: Log;
  /** The monotonic clock of the whole history. */
  readonly now: () => number;
  /** What an error says of an operation that is no read; by default that it may have happened. */
  readonly outcomeOf?: (error: unknown) => Outcome;
}

const none = { content: null, swapped: false };

/** Wraps the operations of one client. They give, and throw, what the work does. */
export class Recorder {
  readonly #options: Required<RecorderOptions>;
  #asked = 0;

  constructor(options: RecorderOptions) {
    this.#options = { outcomeOf: () => 'unknown', ...options };
  }

  read(key: string, work: () => Promise<Content>): Promise<Content> {
    return this.#record(key, { kind: 'read' }, work, (content) => ({ content }));
  }

  write<T>(key: string, content: Value, work: () => Promise<T>): Promise<T> {
    return this.#record(key, { kind: 'write', content }, work, () => ({}));
  }

  delete<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#record(key, { kind: 'delete' }, work, () => ({}));
  }

  /** @param work says whether it has found what was expected, and replaced it */
  compareAndSet(
    key: string,
    change: { readonly expected: Content; readonly content: Value },
    work: () => Promise<boolean>,
  ): Promise<boolean> {
    return this.#record(key, { kind: 'compare-and-set', ...change }, work, (swapped) => ({ swapped }));
  }

  async #record<T>(key: string, ask: Ask, work: () => Promise<T>, seen: (answer: T) => object): Promise<T> {
    const { client, log, now, outcomeOf } = this.#options;
    const id = (this.#asked += 1);
    const call = now();
    const open = { ...none, ...ask, key, client, call, return: Infinity, outcome: 'unknown' } as Operation;
    log.begun(id, open);
    try {
      const answer = await work();
      log.ended(id, { ...open, ...seen(answer), return: now(), outcome: 'ok' } as Operation);
      return answer;
    } catch (error) {
      const outcome = ask.kind === 'read' ? 'failed' : outcomeOf(error);
      log.ended(id, { ...open, return: outcome === 'unknown' ? Infinity : now(), outcome });
      throw error;
    }
  }
}
