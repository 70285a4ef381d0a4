import type { RedisNode, RedisStream } from '../redis-client.js';
import { LightNode } from './light-node.js';
import type { Carrier, Read, ScriptCall } from './question.js';
import type { ScriptRunner } from './script-runner.js';

/** One MGET for reads, one call of a script: half the work of a command each, for client and server. */
export class StandaloneCarrier implements Carrier {
  #light: LightNode | undefined;
  #corked: RedisStream | undefined;

  constructor(
    private readonly client: RedisNode,
    private readonly scripts: ScriptRunner,
  ) {}

  async read(reads: readonly Read[]): Promise<void> {
    this.#cork();
    const values = await this.client.mgetBuffer(reads.map(({ key }) => key));
    if (!Array.isArray(values) || values.length !== reads.length) {
      throw new Error(`MGET of ${reads.length} keys gave another number of values`);
    }
    for (const [at, read] of reads.entries()) read.take(values[at]);
  }

  readHeaders(reads: readonly Read[]): Promise<void> {
    this.#cork();
    const light = this.#node();
    return new Promise((resolve) => {
      let left = reads.length;
      const done = (): void => {
        left -= 1;
        if (left === 0) resolve();
      };
      for (const read of reads) {
        const take = (reply: unknown): void => {
          read.take(reply);
          done();
        };
        const fail = (error: Error): void => {
          read.fail(error);
          done();
        };
        light.getHeader(read.key, take, fail);
      }
    });
  }

  /** The batches of a tick leave in one write. */
  #cork(): void {
    const { stream } = this.client;
    if (stream === undefined || stream === this.#corked) return;
    this.#corked = stream;
    stream.cork();
    queueMicrotask(() => {
      this.#corked = undefined;
      stream.uncork();
    });
  }

  run(calls: readonly ScriptCall[]): Promise<void> {
    // Many arguments are what a light command is best at.
    return this.scripts.run(this.#node(), calls);
  }

  #node(): LightNode {
    return (this.#light ??= new LightNode(this.client));
  }

  together(calls: readonly ScriptCall[]): Promise<void> {
    return this.run(calls);
  }
}
