import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { HOST } from '../../support/redis/ports.js';
import { clear, type Conditions } from './conditions.js';
import { Link, type Target } from './link.js';
import { chooseSeed } from './seed.js';

export interface ProxyOptions {
  /** decides all chance; absent: FAULT_SEED, else a new one, printed */
  readonly seed?: number;
  /** absent: any free one */
  readonly port?: number;
}

/** A TCP proxy on loopback that does to connections what networks do. */
export class Proxy {
  readonly host = HOST;
  /** every connection that is open, oldest first */
  readonly links = new Set<Link>();
  private conditions: Conditions = clear;
  private accepted = 0;

  private constructor(
    private aimedAt: Target,
    readonly port: number,
    readonly seed: number,
    private readonly listener: Server,
  ) {
    listener.on('connection', (client: Socket) => this.accept(client));
  }

  static async start(target: Target, options: ProxyOptions = {}): Promise<Proxy> {
    const seed = options.seed ?? chooseSeed(`proxy of port ${target.port}`);
    const listener = createServer({ allowHalfOpen: true });
    listener.listen(options.port ?? 0, HOST);
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return new Proxy(target, address.port, seed, listener);
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get target(): Target {
    return this.aimedAt;
  }

  /** Where connections to come lead. */
  aim(target: Target): void {
    this.aimedAt = target;
  }

  /** For all connections, those to come included; a connection with conditions of its own keeps them. */
  set(conditions: Conditions): void {
    this.conditions = conditions;
    for (const link of this.links) link.follow(conditions);
  }

  /** Lets everything pass again, on every connection. */
  clear(): void {
    this.conditions = clear;
    for (const link of this.links) {
      link.set(undefined);
      link.follow(clear);
    }
  }

  /** RST to all connections that are open now; new ones are served. */
  reset(): void {
    for (const link of this.links) link.reset();
  }

  async close(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.reset();
    await closed;
  }

  private accept(client: Socket): void {
    const link = new Link({ client, target: this.aimedAt, seed: this.seed, number: this.accepted }, this.conditions);
    this.accepted += 1;
    this.links.add(link);
    client.once('close', () => this.links.delete(link));
  }
}
