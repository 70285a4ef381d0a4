import slotOf from 'cluster-key-slot';
import type { RedisCluster, RedisNode, RedisStream } from '../redis-client.js';
import type { SlotOwner } from '../slot-owners.js';
import { headerRange, LightNode } from './light-node.js';
import type { Carrier, Question, Read, ScriptCall } from './question.js';
import type { ScriptRunner } from './script-runner.js';

const REDIRECTS = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|READONLY)\b/;

/** Of `ClusterConnections` what it takes to reach the owner of a key. */
export interface Owners {
  readonly data: Pick<RedisCluster, 'getBuffer' | 'call' | 'callBuffer'>;
  ownerOf(slot: number): SlotOwner | undefined;
}

/**
 * A command for each key, grouped by node and written to each node's socket at once; each is answered as it comes, for
 * another node may be slow. A key that a node sends elsewhere, and one whose owner is unknown, takes the slow way through
 * the cluster client, which follows and refreshes its map.
 */
export class ClusterCarrier implements Carrier {
  readonly #light = new WeakMap<RedisNode, LightNode>();

  constructor(
    private readonly owners: Owners,
    private readonly scripts: ScriptRunner,
  ) {}

  read(reads: readonly Read[]): Promise<void> {
    return this.#read(reads, {
      fast: (node, ...ask) => node.get(...ask),
      slow: (key) => this.owners.data.getBuffer(key),
    });
  }

  readHeaders(reads: readonly Read[]): Promise<void> {
    return this.#read(reads, {
      fast: (node, ...ask) => node.getHeader(...ask),
      slow: (key) => this.owners.data.callBuffer('GETRANGE', ...headerRange(key)),
    });
  }

  #read(reads: readonly Read[], ways: Ways): Promise<void> {
    return this.#each(reads, (read, node, done) => {
      const slowly = (): void => void slowlyRead(read, ways.slow).then(done);
      if (node === undefined) return slowly();
      const take = (reply: unknown): void => {
        read.take(reply);
        done();
      };
      const fail = (error: Error): void => {
        if (isRedirect(error)) return slowly();
        read.fail(error);
        done();
      };
      ways.fast(node, read.key, take, fail);
    });
  }

  run(calls: readonly ScriptCall[]): Promise<void> {
    const { data } = this.owners;
    return this.#each(calls, (call, node, done) => {
      const fail = (error: unknown): void => call.fail(error);
      const slowly = (): Promise<void> => this.scripts.run(data, [call]).catch(fail);
      const answered = node === undefined ? slowly() : this.scripts.run(node, [call]);
      void answered.catch((error: unknown) => (isRedirect(error) ? slowly() : fail(error))).then(done);
    });
  }

  async together(calls: readonly ScriptCall[]): Promise<void> {
    const { data } = this.owners;
    const [first] = calls;
    const node = first && this.owners.ownerOf(slotOf(first.key))?.client;
    if (node === undefined) return this.scripts.run(data, calls);
    try {
      await this.scripts.run(this.#lightOf(node), calls);
    } catch (error) {
      if (!isRedirect(error)) throw error;
      await this.scripts.run(data, calls);
    }
  }

  /** Resolves when each has said that it is done. */
  #each<Q extends Question>(questions: readonly Q[], ask: Ask<Q>): Promise<void> {
    return new Promise((resolve) => {
      let left = questions.length;
      const done = (): void => {
        left -= 1;
        if (left === 0) resolve();
      };
      const corked = new Set<RedisStream>();
      try {
        for (const question of questions) {
          const node = this.owners.ownerOf(slotOf(question.key))?.client;
          if (node !== undefined) cork(node, corked);
          ask(question, node && this.#lightOf(node), done);
        }
      } finally {
        for (const stream of corked) stream.uncork();
      }
    });
  }

  #lightOf(node: RedisNode): LightNode {
    let light = this.#light.get(node);
    if (light === undefined) this.#light.set(node, (light = new LightNode(node)));
    return light;
  }
}

/** Two ways to read: from the owner, and through the cluster client. */
interface Ways {
  readonly fast: (node: LightNode, ...ask: Parameters<LightNode['get']>) => void;
  readonly slow: (key: string) => Promise<unknown>;
}

function slowlyRead(read: Read, slow: Ways['slow']): Promise<void> {
  return slow(read.key).then(
    (bytes) => read.take(bytes),
    (error: unknown) => read.fail(error),
  );
}

/** @param node where the key is; `undefined`: nobody knows */
type Ask<Q> = (question: Q, node: LightNode | undefined, done: () => void) => void;

function isRedirect(error: unknown): boolean {
  return error instanceof Error && REDIRECTS.test(error.message);
}

function cork({ stream }: RedisNode, corked: Set<RedisStream>): void {
  if (stream === undefined || corked.has(stream)) return;
  stream.cork();
  corked.add(stream);
}
