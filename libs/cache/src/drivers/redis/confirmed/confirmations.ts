import slotOf from 'cluster-key-slot';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import { NotReady } from '../calls/not-ready.js';
import { TickBatch } from '../calls/tick-batch.js';
import type { Coordination } from '../coordination/coordination.js';
import type { RedisNode } from '../redis-client.js';
import type { RedisConnections } from '../redis-connections.js';
import { within } from '../within.js';
import { CONFIRM_MS, type Asked, type Group } from './asked.js';
import { ConfirmingNode } from './confirming-node.js';

/** A server that blocks for so long answers a little later. */
const LATE_MS = 500;

/** Everything has its answer after this, or an error. */
export const CONFIRMED_MS = ANSWER_MS + CONFIRM_MS + LATE_MS;

/** What travels together. */
const MOST = 200;

/**
 * Scripts and reads that replicas have to confirm: those of a tick are sent to each node together, with one WAIT behind
 * them, in one write on one connection. A primary that was replaced while it was stopped does not get past it.
 */
export class Confirmations {
  readonly #batch = new TickBatch<Asked>((batch) => void this.#send(batch), { count: MOST });
  readonly #nodes = new WeakMap<RedisNode, ConfirmingNode>();

  constructor(private readonly redis: Coordination) {}

  add(asked: Asked): void {
    this.#batch.add(asked);
  }

  async #send(batch: Group): Promise<void> {
    const { clock } = this.redis;
    const end = clock.now() + CONFIRMED_MS;
    try {
      const lines = await this.redis.waiting();
      if (!lines.isReady()) throw new NotReady();
      const ms = Math.max(0, Math.ceil(end - clock.now()));
      for (const group of byOwner(lines, batch)) void this.#confirmed(lines, { group, ms });
    } catch (error) {
      for (const asked of batch) asked.fail(error);
    }
  }

  /** Never rejects. A node that does not answer is of no concern to the others. */
  async #confirmed(lines: RedisConnections, { group, ms }: { group: Whole; ms: number }): Promise<void> {
    try {
      await within(this.redis.clock, ms, this.#onOwner(lines, group));
    } catch (error) {
      for (const asked of group) asked.fail(error);
    }
  }

  async #onOwner(lines: RedisConnections, group: Whole): Promise<void> {
    const { key } = group[0];
    const node = nodeOf(lines, key) ?? (await opened(lines, key));
    const moved = await this.#confirming(node).run(
      lines.kind === 'cluster' ? group.map((one) => [one]) : byScript(group),
    );
    // What has moved is looked up anew, for the next time.
    if (lines.kind === 'cluster') for (const asked of moved) lines.data.getBuffer(asked.key).catch(() => undefined);
  }

  #confirming(node: RedisNode): ConfirmingNode {
    let confirming = this.#nodes.get(node);
    if (confirming === undefined) this.#nodes.set(node, (confirming = new ConfirmingNode(node, this.redis)));
    return confirming;
  }
}

type Whole = readonly [Asked, ...Asked[]];

/** What goes to one node; what nobody is known to have is asked for as if one node had it. */
function byOwner(lines: RedisConnections, batch: Group): Iterable<Whole> {
  const groups = new Map<string | undefined, [Asked, ...Asked[]]>();
  for (const asked of batch) {
    const owner = lines.kind === 'cluster' ? lines.data.slots[slotOf(asked.key)]?.[0] : undefined;
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [asked]);
    else group.push(asked);
  }
  return groups.values();
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

/** Calls of one script, in the order asked, travel as one; what was asked together travels alone. */
function byScript(group: Group): Group[] {
  const runs: Asked[][] = [];
  for (const asked of group) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run !== undefined && before !== undefined && mayJoin(asked, before)) run.push(asked);
    else runs.push([asked]);
  }
  return runs;
}

function mayJoin(one: Asked, before: Asked): boolean {
  const [call, another] = one.calls;
  const [last, other] = before.calls;
  if (call === undefined || last === undefined || (another ?? other) !== undefined) return false;
  return call.script === last.script && call.common === last.common;
}
