import { LightNode } from '../calls/light-node.js';
import { ScriptRunner } from '../calls/script-runner.js';
import type { Coordination } from '../coordination/coordination.js';
import type { RedisArgument, RedisNode } from '../redis-client.js';
import { CONFIRM_MS, type Asked, type Group } from './asked.js';

/** How long the mark of a read stays, ms: nobody looks at it. */
const BARRIER_MS = 5_000;

/** One node that is asked with a WAIT behind what it is asked. */
export class ConfirmingNode {
  readonly #scripts: ScriptRunner;

  constructor(
    private readonly node: RedisNode,
    redis: Pick<Coordination, 'dates' | 'clock'>,
  ) {
    // The clock is set by the calls that need no confirmation.
    this.#scripts = new ScriptRunner({ clock: redis.dates, local: redis.clock, learn: () => undefined });
  }

  /**
   * One write: what is asked, and behind it the WAIT, which speaks of all that this connection wrote before it. A read
   * writes nothing, so a mark is written behind it, in a slot of those that were read: whoever confirms the mark had
   * followed this node until after the read.
   * @param groups what travels in one command
   * @returns those that failed by themselves, all others have ended
   * @throws what failed all of them
   */
  async run(groups: readonly Group[]): Promise<readonly Asked[]> {
    const { stream } = this.node;
    const light = new CountingNode(this.node);
    const needed = Math.max(...groups.flat().map((asked) => asked.needed));
    const confirm = async (): Promise<number> => Number(await light.call('WAIT', needed, CONFIRM_MS));
    stream?.cork();
    const running = Promise.allSettled(this.#sent(light, groups));
    const confirming = confirm();
    stream?.uncork();
    const { sent } = light;
    // Who fails first is who is told of; the other has nobody who listens.
    confirming.catch(() => undefined);
    const outcomes = await running;
    // On another connection WAIT would speak of nothing.
    if (this.node.stream !== stream) throw new Error('the connection was lost before replicas confirmed');
    const failed = groups.flatMap((group, at) => failedOf(group, outcomes[at]));
    const done = groups.filter((_, at) => outcomes[at]?.status === 'fulfilled').flat();
    // A server that has lost its role refuses the WAIT too: what it said of the rest is what counts.
    if (done.length === 0) return failed;
    try {
      // A script that was unknown, or came late, ran behind that WAIT, which says nothing of it.
      const replicas = await (light.sent === sent ? confirming : confirm());
      for (const asked of done) asked.end(replicas);
    } catch (error) {
      for (const asked of done) asked.fail(error);
    }
    return failed;
  }

  #sent(light: LightNode, groups: readonly Group[]): Promise<unknown>[] {
    const reading = new Map<string, Promise<unknown>>();
    const running = groups.map((group) => {
      const [asked] = group;
      if (asked?.read === undefined)
        return this.#scripts.run(
          light,
          group.flatMap(({ calls }) => calls),
        );
      const known = reading.get(asked.key) ?? got(light, asked.key);
      reading.set(asked.key, known);
      return known.then((reply) => asked.read?.take(reply));
    });
    const [read] = reading.keys();
    if (read === undefined) return running;
    const marked = light.call('SET', barrierKey(read), '', 'PX', BARRIER_MS);
    marked.catch(() => undefined);
    return groups.map(async (group, at) => {
      await running[at];
      if (group[0]?.read !== undefined) await marked;
    });
  }
}

/** @returns those that failed by themselves. */
function failedOf(group: Group, outcome: PromiseSettledResult<unknown> | undefined): Group {
  if (outcome?.status !== 'rejected') return [];
  for (const asked of group) asked.fail(outcome.reason);
  return group;
}

function got(light: LightNode, key: string): Promise<unknown> {
  return new Promise((answer, fail) => light.get(key, answer, fail));
}

/** In the slot of the key: no brace is part of a key of ours. */
function barrierKey(key: string): string {
  return `{${key}}:barrier`;
}

/** Tells whether something was sent once more. */
class CountingNode extends LightNode {
  sent = 0;

  override call(name: string, ...args: RedisArgument[]): Promise<unknown> {
    this.sent += 1;
    return super.call(name, ...args);
  }
}
