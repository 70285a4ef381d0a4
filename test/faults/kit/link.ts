import { Socket } from 'node:net';
import type { Conditions, Direction } from './conditions.js';
import { Pump } from './pump.js';
import { rst } from './rst.js';
import { branch } from './seed.js';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface LinkPlan {
  readonly client: Socket;
  readonly target: Target;
  /** of the proxy, and the number of this connection: together they decide every chance on it */
  readonly seed: number;
  readonly number: number;
}

const RESET_AFTER_MS = 5;

/** One connection through a proxy. */
export class Link {
  private readonly server = new Socket({ allowHalfOpen: true });
  private readonly pumps: readonly Pump[];
  private own: Conditions | undefined;
  private sent = 0;
  private limit: number | undefined;

  constructor(
    private readonly plan: LinkPlan,
    private common: Conditions,
  ) {
    this.pumps = [this.pump('toServer', 0), this.pump('toClient', 1)];
    for (const socket of [plan.client, this.server]) socket.setNoDelay(true);
    this.apply();
  }

  /** Its place in the order in which connections came, from 0. */
  get number(): number {
    return this.plan.number;
  }

  get open(): boolean {
    return !this.plan.client.destroyed;
  }

  /** Conditions for this connection only; `undefined`: those of the proxy again. */
  set(conditions: Conditions | undefined): void {
    this.own = conditions;
    this.apply();
  }

  /** The proxy's own conditions have changed. */
  follow(conditions: Conditions): void {
    this.common = conditions;
    if (this.own === undefined) this.apply();
  }

  /** RST to both sides. */
  reset(): void {
    for (const pump of this.pumps) pump.stop();
    for (const socket of [this.plan.client, this.server]) rst(socket);
  }

  private get conditions(): Conditions {
    return this.own ?? this.common;
  }

  private apply(): void {
    const { resetAfterBytes, hold } = this.conditions;
    this.limit = resetAfterBytes === undefined ? undefined : this.sent + resetAfterBytes;
    if (resetAfterBytes === 0) return this.reset();
    // What never arrives cannot open a connection either.
    if (this.server.pending && !this.server.connecting && !hold?.includes('toServer')) this.dial();
    for (const pump of this.pumps) pump.wake();
  }

  private dial(): void {
    if (!this.server.destroyed) this.server.connect(this.plan.target);
  }

  private pump(direction: Direction, stream: number): Pump {
    const { client, seed, number } = this.plan;
    const [from, to] = direction === 'toServer' ? [client, this.server] : [this.server, client];
    return new Pump({
      from,
      to,
      direction,
      random: { cuts: branch(seed, number, stream, 0), jitter: branch(seed, number, stream, 1) },
      conditions: () => this.conditions,
      allowance: (bytes) => (direction === 'toClient' ? this.allowance(bytes) : bytes),
    });
  }

  private allowance(bytes: number): number {
    const size = this.limit === undefined ? bytes : Math.min(bytes, this.limit - this.sent);
    this.sent += size;
    // A little later: a client that finds RST beside the last bytes may take it for an orderly end.
    if (size > 0 && this.sent === this.limit) setTimeout(() => this.reset(), RESET_AFTER_MS);
    return size;
  }
}
