import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionLimit } from './connection-limit.js';

/** What ioredis hands to a connector: the options of its client. */
interface Endpoint {
  readonly host?: string | null | undefined;
  readonly port?: number | null | undefined;
  readonly path?: string | null | undefined;
  readonly family?: number | null | undefined;
  readonly tls?: object | boolean | null | undefined;
}

/** What ioredis asks of a connector. */
interface Connector {
  firstError: Error | undefined;
  check(): boolean;
  connect(): Promise<Socket>;
  disconnect(): void;
}

/**
 * Every socket of ours, whichever client of ioredis asked for it: also those of the short-lived clients by which a
 * cluster reads its slot table, whose errors ioredis swallows and which nothing else could close.
 */
export class Sockets {
  readonly #open = new Set<Socket>();
  #isClosed = false;

  /** The class of which ioredis makes a connector for each client: its option `Connector`. */
  readonly Connector: new (endpoint: Endpoint) => Connector = connectorOf(this);

  /** @param failed told of every error of a socket */
  constructor(
    private readonly limit: ConnectionLimit,
    private readonly failed: (error: Error) => void,
  ) {}

  open(endpoint: Endpoint): Socket {
    if (this.#isClosed) throw new Error('Connection is closed.');
    this.limit.take();
    const socket = this.#dial(endpoint);
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.limit.giveBack();
    });
    socket.once('error', this.failed);
    return socket;
  }

  #dial(endpoint: Endpoint): Socket {
    try {
      return dial(endpoint);
    } catch (error) {
      this.limit.giveBack();
      throw error;
    }
  }

  /** Ends them all without asking the other side, and lets no new one be opened. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open].map((socket) => ended(socket)));
  }
}

function connectorOf(sockets: Sockets): new (endpoint: Endpoint) => Connector {
  return class SocketConnector implements Connector {
    firstError: Error | undefined;
    #socket: Socket | undefined;
    #isWanted = false;

    constructor(private readonly endpoint: Endpoint) {}

    check(): boolean {
      return true;
    }

    async connect(): Promise<Socket> {
      this.#isWanted = true;
      // A disconnect in the same tick still counts.
      await Promise.resolve();
      if (!this.#isWanted) throw new Error('Connection is closed.');
      const socket = sockets.open(this.endpoint);
      socket.once('error', (error) => {
        this.firstError = error;
      });
      this.#socket = socket;
      return socket;
    }

    /** What was written goes out; an answer of the other side is not waited for. */
    disconnect(): void {
      this.#isWanted = false;
      if (this.#socket?.connecting) this.#socket.destroy();
      else this.#socket?.destroySoon();
    }
  };
}

function dial({ host, port, path, family, tls }: Endpoint): Socket {
  const where = path ? { path } : { host: host ?? 'localhost', port: port ?? 6379, family: family ?? 0 };
  if (!tls) return connectPlain(where);
  const servername = path || !host || isIP(host) > 0 ? {} : { servername: host };
  try {
    return connectTls({ ...where, ...servername, ...(tls === true ? {} : tls) });
  } catch (error) {
    // Wrong options throw here, mostly without a code by which to know them.
    throw Object.assign(new Error(`the tls options are not valid: ${String(error)}`), { code: 'ERR_TLS_OPTIONS' });
  }
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
