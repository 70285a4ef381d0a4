import type { Cancel, Clock } from '../../core/shared/clock.js';
import type { RedisNode } from './redis-client.js';

const LOOK_MS = 500;

/** Longer than any answer that is still of use to a caller. */
const SILENCE_MS = 3_000;

interface Mark {
  readonly stream: object;
  readonly bytes: number;
  readonly since: number;
}

/**
 * Ends connections that stopped answering while commands wait on them: the other host is gone without a word, or the
 * handshake hangs. TCP alone would notice after a quarter of an hour. One look at all connections every half second
 * costs commands nothing; ioredis's own `socketTimeout` arms a timer for each write, and in version 5 it outlives its
 * connection and ends the next.
 */
export class SilenceGuard {
  readonly #marks = new WeakMap<RedisNode, Mark>();
  #cancel: Cancel | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly nodes: () => readonly RedisNode[],
  ) {}

  start(): void {
    this.#cancel = this.clock.after(LOOK_MS, () => {
      for (const node of this.nodes()) this.#look(node);
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #look(node: RedisNode): void {
    const { stream, commandQueue } = node;
    const now = this.clock.now();
    if (!stream || !commandQueue || commandQueue.length === 0) {
      this.#marks.delete(node);
      return;
    }
    const mark = this.#marks.get(node);
    if (mark === undefined || mark.stream !== stream || mark.bytes !== stream.bytesRead) {
      this.#marks.set(node, { stream, bytes: stream.bytesRead, since: now });
      return;
    }
    if (now - mark.since < SILENCE_MS) return;
    this.#marks.delete(node);
    stream.destroy(Object.assign(new Error(`no answer for ${SILENCE_MS} ms`), { code: 'SILENT' }));
  }
}
