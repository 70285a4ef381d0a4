import slotOf from 'cluster-key-slot';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import { LightNode } from '../calls/light-node.js';
import { NotReady } from '../calls/not-ready.js';
import type { ScriptCall } from '../calls/question.js';
import { ScriptRunner } from '../calls/script-runner.js';
import { TickBatch } from '../calls/tick-batch.js';
import type { Coordination, KeyedCall } from '../coordination/coordination.js';
import type { RedisArgument, RedisNode } from '../redis-client.js';
import type { RedisConnections } from '../redis-connections.js';
import { within } from '../within.js';

/** How long replicas have to confirm. */
export const CONFIRM_MS = 500;

/** A server that blocks for so long answers a little later. */
const LATE_MS = 500;

/** Calls that travel together. */
const MOST = 200;

/** What a script said, and how many replicas have it. */
export interface Confirmed {
  readonly said: readonly unknown[];
  readonly replicas: number;
}

interface Asked extends ScriptCall {
  readonly needed: number;
  /** What the script said, once it has. */
  said?: readonly unknown[];
  /** Settles it for good. */
  end(replicas: number): void;
}

type Group = readonly Asked[];

/**
 * Script calls that replicas have to confirm: those of a tick are sent to each node together, with one WAIT behind
 * them, in one write on one connection. A primary that was replaced while it was stopped does not get past it.
 */
export class ConfirmedCalls {
  readonly #scripts: ScriptRunner;
  readonly #batch = new TickBatch<Asked>((batch) => void this.#send(batch), { count: MOST });

  constructor(private readonly redis: Coordination) {
    // The clock is set by the calls that need no confirmation.
    this.#scripts = new ScriptRunner({ clock: redis.dates, local: redis.clock, learn: () => undefined });
  }

  /**
   * @param needed replicas that should have it; fewer are waited for until `CONFIRM_MS`
   * @throws as `Coordination.run`; and when the node lost its role, or its connection, before replicas confirmed.
   */
  run(call: KeyedCall, needed: number): Promise<Confirmed> {
    return new Promise((resolve, reject) => {
      const asked: Asked = {
        ...call,
        common: '',
        needed,
        take: (said) => {
          asked.said = said;
        },
        fail: reject,
        end: (replicas) => resolve({ said: asked.said ?? [], replicas }),
      };
      this.#batch.add(asked);
    });
  }

  async #send(batch: Group): Promise<void> {
    try {
      const lines = await this.redis.waiting();
      if (!lines.isReady()) throw new NotReady();
      await Promise.all(
        [...(await byNode(lines, batch))].map(([node, group]) => this.#confirmed(lines, { node, group })),
      );
    } catch (error) {
      for (const asked of batch) asked.fail(error);
    }
  }

  async #confirmed(lines: RedisConnections, { node, group }: { node: RedisNode; group: Group }): Promise<void> {
    try {
      const replicas = await within(
        this.redis.clock,
        ANSWER_MS + CONFIRM_MS + LATE_MS,
        this.#onNode(node, lines.kind === 'cluster' ? group.map((one) => [one]) : byScript(group)),
      );
      for (const asked of group) asked.end(replicas);
    } catch (error) {
      // What has moved is looked up anew, for the next time.
      if (lines.kind === 'cluster') for (const { key } of group) lines.data.getBuffer(key).catch(() => undefined);
      for (const asked of group) asked.fail(error);
    }
  }

  /** One write: the scripts, and behind them the WAIT, which speaks of all that this connection wrote before it. */
  async #onNode(node: RedisNode, calls: readonly Group[]): Promise<number> {
    const { stream } = node;
    const light = new CountingNode(node);
    const needed = Math.max(...calls.flat().map((asked) => asked.needed));
    const confirm = async (): Promise<number> => Number(await light.call('WAIT', needed, CONFIRM_MS));
    stream?.cork();
    const running = Promise.all(calls.map((group) => this.#scripts.run(light, group)));
    const confirming = confirm();
    stream?.uncork();
    const { sent } = light;
    // Who fails first is who is told of; the other has nobody who listens.
    confirming.catch(() => undefined);
    await running;
    // On another connection WAIT would speak of nothing.
    if (node.stream !== stream) throw new Error('the connection was lost before replicas confirmed');
    // A script that was unknown, or came late, ran behind that WAIT, which says nothing of it.
    return light.sent === sent ? confirming : confirm();
  }
}

/** Tells whether something was sent once more. */
class CountingNode extends LightNode {
  sent = 0;

  override call(name: string, ...args: RedisArgument[]): Promise<unknown> {
    this.sent += 1;
    return super.call(name, ...args);
  }
}

async function byNode(lines: RedisConnections, batch: Group): Promise<Map<RedisNode, Asked[]>> {
  const groups = new Map<RedisNode, Asked[]>();
  for (const asked of batch) {
    const node = nodeOf(lines, asked.key) ?? (await opened(lines, asked.key));
    groups.set(node, [...(groups.get(node) ?? []), asked]);
  }
  return groups;
}

function nodeOf(lines: RedisConnections, key: string): RedisNode | undefined {
  return lines.kind === 'standalone' ? lines.data : lines.ownerOf(slotOf(key))?.client;
}

/** Connections to nodes of a cluster are opened by their first command. */
async function opened(lines: RedisConnections, key: string): Promise<RedisNode> {
  await lines.data.getBuffer(key);
  const node = nodeOf(lines, key);
  if (node === undefined) throw new NotReady();
  return node;
}

/** Calls of one script, in the order asked, travel as one. */
function byScript(group: Group): Group[] {
  const runs: Asked[][] = [];
  for (const asked of group) {
    const run = runs.at(-1);
    if (run?.[0]?.script === asked.script) run.push(asked);
    else runs.push([asked]);
  }
  return runs;
}
