import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { RedisArgument } from '../redis-client.js';
import type { ClusterConnections, ServerConnections } from '../redis-connections.js';
import { within } from '../within.js';
import { ClusterCarrier } from './cluster-carrier.js';
import { NotReady } from './not-ready.js';
import type { Carrier, Question, Read, ScriptCall } from './question.js';
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
  /** Whether there is somebody to ask. */
  readonly isReady: boolean;
  read(read: Read): void;
  call(call: ScriptCall): void;
}

/** Sends what is asked in one tick together. Everything is answered within `ANSWER_MS`, or fails. */
export class Courier implements Letters {
  readonly #reads: TickBatch<Read>;
  readonly #headers: TickBatch<Read>;
  readonly #calls: TickBatch<ScriptCall>;
  readonly #carrier: Carrier;
  readonly #local: Clock;

  constructor(
    private readonly lines: Lines,
    parts: ScriptRunnerParts,
  ) {
    const carrier = carrierOf(lines, new ScriptRunner(parts));
    this.#carrier = carrier;
    this.#local = parts.local;
    this.#reads = new TickBatch((batch) => void this.#send(batch, (all) => carrier.read(all)), { count: BATCH });
    this.#headers = new TickBatch((batch) => void this.#send(batch, (all) => carrier.readHeaders(all)), {
      count: BATCH,
    });
    this.#calls = new TickBatch((batch) => void this.#send(batch, (all) => carrier.run(all)), {
      count: BATCH,
      fits: ({ script, common }, before) => script === before.script && common === before.common,
      size: { of: ({ args }) => sizeOf(args), most: BATCH_BYTES },
    });
  }

  get isReady(): boolean {
    return this.lines.isReady();
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
    void this.#send(calls, (all) => this.#carrier.together(all));
  }

  async #send<Q extends Question>(batch: readonly Q[], carry: (batch: readonly Q[]) => Promise<void>): Promise<void> {
    try {
      // Asked only now: it may have gone since the question was.
      if (!this.isReady) throw new NotReady();
      await within(this.#local, ANSWER_MS, carry(batch));
    } catch (error) {
      for (const question of batch) question.fail(error);
    }
  }
}

function carrierOf(lines: Lines, scripts: ScriptRunner): Carrier {
  return lines.kind === 'cluster' ? new ClusterCarrier(lines, scripts) : new StandaloneCarrier(lines.data, scripts);
}

function sizeOf(args: readonly RedisArgument[]): number {
  let size = 0;
  for (const arg of args) size += typeof arg === 'number' ? 8 : arg.length;
  return size;
}
