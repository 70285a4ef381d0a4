import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { readReply, ReplyError, type Reply, writeCommand } from './reply.js';

export interface WireOptions {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** the certificate to trust; with it the connection is TLS */
  readonly ca?: string | undefined;
  /** how keys and values become bytes; `latin1` carries any bytes through unchanged */
  readonly encoding?: BufferEncoding;
  /** how long one answer may take; default 2,000 ms */
  readonly timeoutMs?: number;
}

export type Arg = string | number;

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/**
 * One plain connection to a server, with none of a client library's queues, retries and redirects in between: the
 * bootstrap and the fault kit have to work where those are what is tested.
 */
export class Wire {
  private readonly waiting: Waiter[] = [];
  private readonly encoding: BufferEncoding;
  private unread: Buffer = Buffer.alloc(0);

  private constructor(
    private readonly socket: Socket,
    options: WireOptions,
  ) {
    this.encoding = options.encoding ?? 'utf8';
    const timeoutMs = options.timeoutMs ?? 2_000;
    socket.setNoDelay(true);
    socket.setTimeout(timeoutMs, () => {
      if (this.waiting.length > 0) socket.destroy(new Error(`no answer in ${timeoutMs} ms`));
    });
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server has closed the connection')));
  }

  static async open(options: WireOptions): Promise<Wire> {
    const { host, port, ca, username = 'default', password } = options;
    const socket = ca === undefined ? connect(port, host) : connectTls({ host, port, ca });
    const wire = new Wire(socket, options);
    if (password !== undefined) await wire.call('AUTH', username, password);
    return wire;
  }

  call(...args: Arg[]): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('this connection is closed'));
      this.waiting.push({ resolve, reject });
      return this.socket.write(writeCommand(args, this.encoding));
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.unread = Buffer.concat([this.unread, chunk]);
    let read = readReply(this.unread, 0, this.encoding);
    while (read) {
      this.unread = this.unread.subarray(read.end);
      const waiter = this.waiting.shift();
      if (read.reply instanceof ReplyError) waiter?.reject(read.reply);
      else waiter?.resolve(read.reply);
      read = this.unread.length > 0 ? readReply(this.unread, 0, this.encoding) : undefined;
    }
  }

  private fail(error: Error): void {
    for (const waiter of this.waiting.splice(0)) waiter.reject(error);
  }
}
