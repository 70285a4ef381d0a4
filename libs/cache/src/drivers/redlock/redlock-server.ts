import { ANSWER_MS } from '../../core/layers/layer.js';
import { CacheTimeoutError } from '../../core/errors.js';
import type { Clock } from '../../core/shared/clock.js';
import { inTime } from '../../core/shared/in-time.js';
import type { RedlockClient } from './load-redlock.js';

/** One of the independent servers, as whoever opened the connection gives it. */
export interface IndependentServer {
  /** For messages. */
  readonly address: string;
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** Whether commands may be sent. */
  isReady(): boolean;
}

/** A server that answers in time, or not at all: redlock itself waits for ever for one that is silent. */
export class RedlockServer implements RedlockClient {
  constructor(
    private readonly server: IndependentServer,
    private readonly clock: Clock,
  ) {}

  evalsha(hash: string, count: number, keysAndArgs: (string | number)[]): Promise<unknown> {
    return this.#call('EVALSHA', hash, count, ...keysAndArgs);
  }

  eval(source: string, count: number, keysAndArgs: (string | number)[]): Promise<unknown> {
    return this.#call('EVAL', source, count, ...keysAndArgs);
  }

  #call(command: string, ...args: (string | number)[]): Promise<unknown> {
    const { server, clock } = this;
    if (!server.isReady()) return Promise.reject(new Error(`${server.address} is away`));
    const late = (): CacheTimeoutError =>
      new CacheTimeoutError(`${server.address} did not answer within ${ANSWER_MS} ms.`, { layer: 'shared' });
    return inTime(server.call(command, ...args), { clock, ms: ANSWER_MS, late });
  }
}
