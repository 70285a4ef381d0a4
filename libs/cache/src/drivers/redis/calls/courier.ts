import { CacheTimeoutError } from '../../../core/errors.js';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import { inTime } from '../../../core/shared/in-time.js';
import type { RedisArgument } from '../redis-client.js';
import type { ClusterConnections, ServerConnections } from '../redis-connections.js';
import { within } from '../within.js';
import { ClusterCarrier } from './cluster-carrier.js';
import type { NodeBreakers } from './node-breakers.js';
import { NotAnswering, NotReady } from './not-ready.js';
import type { Carrier, Question, Read, ScriptCall } from './question.js';
import { isRefusal } from './refusal.js';
import { ScriptRunner, type ScriptRunnerParts } from './script-runner.js';
import { StandaloneCarrier } from './standalone-carrier.js';
import { TickBatch } from './tick-batch.js';

/** Questions that travel together. */
const BATCH = 50;

/** Bytes of script calls that travel together: a server does nothing else while it works on them. */
const BATCH_BYTES = 256 * 1024;

/** Of `RedisConnections` what it takes to carry questions. */
export type Lines =
  | Pick<ServerConnections, 'kind' | 'data' | 'isReady'>
  | Pick<ClusterConnections, 'kind' | 'data' | 'isReady' | 'ownerOf'>;

/** Takes what is asked about keys, and has it answered. */
export interface Letters {
  /** Why nothing can be asked about this key now. */
  away(key: string): Error | undefined;
  read(read: Read): void;
  call(call: ScriptCall): void;
}

export interface CourierParts extends ScriptRunnerParts {
  /** After this what can be done without fails, ms. Default `ANSWER_MS`. */
  readonly patience?: number | undefined;
  readonly breakers?: NodeBreakers | undefined;
  /** What a test puts before the way to Redis. */
  readonly carrying?: ((carrier: Carrier) => Carrier) | undefined;
}

/** How a batch is sent. */
interface Way<Q> {
  readonly carry: (batch: readonly Q[]) => Promise<void>;
  /** Whether it fails when `patience` is over, and not only after `ANSWER_MS`. */
  readonly isBrief: boolean;
}

/** Sends what is asked in one tick together. Everything is answered within `ANSWER_MS`, or fails. */
export class Courier implements Letters {
  readonly #reads: TickBatch<Read>;
  readonly #headers: TickBatch<Read>;
  readonly #calls: TickBatch<ScriptCall>;
  readonly #carrier: Carrier;
  readonly #patience: number;

  constructor(
    private readonly lines: Lines,
    private readonly parts: CourierParts,
  ) {
    const { carrying = (own) => own } = parts;
    const carrier = carrying(carrierOf(lines, new ScriptRunner(parts)));
    this.#carrier = carrier;
    this.#patience = Math.min(parts.patience ?? ANSWER_MS, ANSWER_MS);
    const reads: Way<Read> = { carry: (all) => carrier.read(all), isBrief: true };
    const headers: Way<Read> = { carry: (all) => carrier.readHeaders(all), isBrief: true };
    const calls: Way<ScriptCall> = { carry: (all) => carrier.run(all), isBrief: false };
    const briefly: Way<ScriptCall> = { ...calls, isBrief: true };
    this.#reads = new TickBatch((batch) => void this.#send(batch, reads), { count: BATCH });
    this.#headers = new TickBatch((batch) => void this.#send(batch, headers), { count: BATCH });
    this.#calls = new TickBatch((batch) => void this.#send(batch, batch[0]?.isBrief === true ? briefly : calls), {
      count: BATCH,
      fits: ({ script, common }, before) => script === before.script && common === before.common,
      size: { of: ({ args }) => sizeOf(args), most: BATCH_BYTES },
    });
  }

  get isReady(): boolean {
    return this.lines.isReady();
  }

  away(key: string): Error | undefined {
    if (!this.isReady) return new NotReady();
    return this.parts.breakers?.refuses(key) === true ? new NotAnswering() : undefined;
  }

  read(read: Read): void {
    this.#reads.add(read);
  }

  /** Of what is there only the header. */
  readHeader(read: Read): void {
    this.#headers.add(read);
  }

  call(call: ScriptCall): void {
    this.#calls.add(call);
  }

  /** At once, and in one call of one script: the keys are in one slot. */
  together(calls: readonly ScriptCall[]): void {
    void this.#send(calls, { carry: (all) => this.#carrier.together(all), isBrief: false });
  }

  async #send<Q extends Question>(batch: readonly Q[], { carry, isBrief }: Way<Q>): Promise<void> {
    try {
      // Asked only now: it may have gone since the question was.
      if (!this.isReady) throw new NotReady();
      await this.#within(batch, { carried: carry(batch), isBrief });
    } catch (error) {
      for (const question of batch) question.fail(error);
    }
  }

  /** Not waited for longer than it is worth; who does not answer is noted as soon as patience is over. */
  async #within(batch: readonly Question[], { carried, isBrief }: Carried): Promise<void> {
    const { local, breakers } = this.parts;
    const askedAt = local.now();
    try {
      await within(local, this.#patience, carried);
      breakers?.answered(batch);
    } catch (error) {
      if (!(error instanceof CacheTimeoutError)) throw error;
      await whatHasArrived();
      breakers?.late(batch, askedAt, (key) => this.#probe(key));
      if (isBrief || this.#patience === ANSWER_MS) throw error;
      await inTime(carried, { clock: local, ms: ANSWER_MS - this.#patience, late: unanswered });
    }
  }

  /** Asks a node that was given up, by a key that it had not answered about. To be refused is an answer: no entry need be there. */
  #probe(key: string): Promise<void> {
    if (!this.isReady) return Promise.reject(new NotReady());
    const asked = new Promise<void>((take, lost) => {
      const fail = (error: unknown): void => (isRefusal(error) ? take() : lost(error));
      const read: Read = { key, take: () => take(), fail };
      this.#carrier.readHeaders([read]).catch(fail);
    });
    return within(this.parts.local, ANSWER_MS, asked);
  }
}

interface Carried {
  readonly carried: Promise<void>;
  readonly isBrief: boolean;
}

function unanswered(): CacheTimeoutError {
  return new CacheTimeoutError(`Redis did not answer within ${ANSWER_MS} ms.`, { layer: 'shared' });
}

/** When this process stood still, answers that came in time are read after the timers have run. */
function whatHasArrived(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function carrierOf(lines: Lines, scripts: ScriptRunner): Carrier {
  return lines.kind === 'cluster' ? new ClusterCarrier(lines, scripts) : new StandaloneCarrier(lines.data, scripts);
}

function sizeOf(args: readonly RedisArgument[]): number {
  let size = 0;
  for (const arg of args) size += typeof arg === 'number' ? 8 : arg.length;
  return size;
}
