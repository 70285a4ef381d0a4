import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { HOST } from '../../support/redis/ports.js';
import type { Content, Value } from '../../support/consistency/operation.js';
import { onMessages, send } from './messages.js';
import type { Answered, Asked } from './register-server.js';

interface Waiting {
  readonly take: (content: Content) => void;
  readonly fail: (error: Error) => void;
}

/** A process's way to the source. */
export class RegisterClient {
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.once('close', () => this.#end());
    onMessages<Answered>(socket, ({ id, content }) => {
      this.#waiting.get(id)?.take(content);
      this.#waiting.delete(id);
    });
  }

  static async open(port: number): Promise<RegisterClient> {
    const socket = connect(port, HOST);
    await once(socket, 'connect');
    return new RegisterClient(socket);
  }

  read(key: string): Promise<Content> {
    return this.#ask({ key });
  }

  async write(key: string, content: Value): Promise<void> {
    await this.#ask({ key, content });
  }

  close(): void {
    this.socket.destroy();
  }

  #ask(what: Omit<Asked, 'id'>): Promise<Content> {
    const id = (this.#asked += 1);
    return new Promise((take, fail) => {
      if (this.socket.destroyed) return fail(new Error('the source is gone'));
      this.#waiting.set(id, { take, fail });
      send<Asked>(this.socket, { id, ...what });
    });
  }

  #end(): void {
    for (const { fail } of this.#waiting.values()) fail(new Error('the source is gone'));
    this.#waiting.clear();
  }
}
