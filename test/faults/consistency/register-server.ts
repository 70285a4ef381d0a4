import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { HOST } from '../../support/redis/ports.js';
import type { Content, Operation, Value } from '../../support/consistency/operation.js';
import { hostTime } from './host-time.js';
import { onMessages, send } from './messages.js';

/** What is asked of the register of one key: to be read, or to hold a content from now on. */
export interface Asked {
  readonly id: number;
  readonly key: string;
  readonly content?: Value;
}

export interface Answered {
  readonly id: number;
  readonly content: Content;
}

/**
 * The source behind the caches: registers in one process, which take one request after the other, so that each takes
 * effect at one moment between its call and its answer.
 */
export class RegisterServer {
  readonly #contents = new Map<string, Content>();
  readonly #written: Operation[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly listener: Server,
    readonly port: number,
  ) {
    listener.on('connection', (socket) => this.#serve(socket));
  }

  static async start(): Promise<RegisterServer> {
    const listener = createServer();
    listener.listen(0, HOST);
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('the source has no port');
    return new RegisterServer(listener, address.port);
  }

  /**
   * Every write that has arrived, as unknown: what a process that was killed cannot tell of itself. A write that a
   * history knows already is left out.
   */
  missing(history: readonly Operation[]): Operation[] {
    const known = new Set(history.filter(({ kind }) => kind !== 'read').map(({ content }) => content));
    return this.#written.filter(({ content }) => !known.has(content));
  }

  /** Writes that the source has taken though the history says that they did not happen. */
  contradicted(history: readonly Operation[]): Operation[] {
    const written = new Set(this.#written.map(({ content }) => content));
    return history.filter(({ kind, outcome, content }) => {
      return kind === 'write' && outcome === 'failed' && written.has(content);
    });
  }

  async close(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => this.#sockets.delete(socket));
    onMessages<Asked>(socket, (asked) => send(socket, this.#answer(asked)));
  }

  #answer({ id, key, content }: Asked): Answered {
    if (content === undefined) return { id, content: this.#contents.get(key) ?? null };
    this.#contents.set(key, content);
    const span = { key, client: 'the source', call: hostTime(), return: Infinity } as const;
    this.#written.push({ ...span, kind: 'write', content, outcome: 'unknown' });
    return { id, content };
  }
}
