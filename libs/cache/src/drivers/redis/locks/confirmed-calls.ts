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

/** Every call has its answer after this, or an error. */
export const CONFIRMED_MS = ANSWER_MS + CONFIRM_MS + LATE_MS;

/** Calls that travel together. */
const MOST = 200;

/** What a script said, and how many replicas have it. */
export interface Confirmed {
  readonly said: readonly unknown[];
  readonly replicas: number;
}

/** What one caller asks: for several keys it is one call of the script, where they are in one slot. */
interface Asked {
  readonly calls: readonly [ScriptCall, ...ScriptCall[]];
  readonly needed: number;
  fail(error: unknown): void;
  /** Settles it for good. */
  end(replicas: number): void;
}

type Group = readonly Asked[];
type Whole = readonly [Asked, ...Asked[]];

/** Of one script, for keys of one slot. */
export type Together = readonly [KeyedCall, ...KeyedCall[]];

/** What a script said of each key, and how many replicas have it. */
export interface AllConfirmed {
  readonly said: readonly (readonly unknown[])[];
  readonly replicas: number;
}

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
  async run(call: KeyedCall, needed: number): Promise<Confirmed> {
    const { said, replicas } = await this.runTogether([call], needed);
    return { said: said[0] ?? [], replicas };
  }

  /** The same for keys of one slot and one script, in one call of it. */
  runTogether(calls: Together, needed: number): Promise<AllConfirmed> {
    return new Promise((resolve, fail) => {
      const all: (readonly unknown[])[] = [];
      const callOf = (call: KeyedCall, at: number): ScriptCall => {
        const take = (said: readonly unknown[]): void => {
          all[at] = said;
        };
        return { ...call, common: '', take, fail };
      };
      const [first, ...others] = calls;
      const asked = [callOf(first, 0), ...others.map((call, at) => callOf(call, at + 1))] as const;
      this.#batch.add({ calls: [...asked], needed, fail, end: (replicas) => resolve({ said: all, replicas }) });
    });
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
      const replicas = await within(this.redis.clock, ms, this.#onOwner(lines, group));
      for (const asked of group) asked.end(replicas);
    } catch (error) {
      // What has moved is looked up anew, for the next time.
      if (lines.kind === 'cluster')
        for (const { calls } of group) lines.data.getBuffer(calls[0].key).catch(() => undefined);
      for (const asked of group) asked.fail(error);
    }
  }

  async #onOwner(lines: RedisConnections, group: Whole): Promise<number> {
    const { key } = group[0].calls[0];
    const node = nodeOf(lines, key) ?? (await opened(lines, key));
    return this.#onNode(node, lines.kind === 'cluster' ? group.map((one) => [one]) : byScript(group));
  }

  /** One write: the scripts, and behind them the WAIT, which speaks of all that this connection wrote before it. */
  async #onNode(node: RedisNode, calls: readonly Group[]): Promise<number> {
    const { stream } = node;
    const light = new CountingNode(node);
    const needed = Math.max(...calls.flat().map((asked) => asked.needed));
    const confirm = async (): Promise<number> => Number(await light.call('WAIT', needed, CONFIRM_MS));
    stream?.cork();
    const running = Promise.all(
      calls.map((group) =>
        this.#scripts.run(
          light,
          group.flatMap((asked) => asked.calls),
        ),
      ),
    );
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

/** What goes to one node; what nobody is known to have is asked for as if one node had it. */
function byOwner(lines: RedisConnections, batch: Group): Iterable<Whole> {
  const groups = new Map<string | undefined, [Asked, ...Asked[]]>();
  for (const asked of batch) {
    const owner = lines.kind === 'cluster' ? lines.data.slots[slotOf(asked.calls[0].key)]?.[0] : undefined;
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
  return one.calls.length === 1 && before.calls.length === 1 && one.calls[0].script === before.calls[0].script;
}
