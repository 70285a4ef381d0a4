import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { RedisSender } from '../redis-client.js';
import type { Change } from './question.js';
import { readReply, type ScriptReply } from './script-reply.js';

export interface ScriptRunnerParts {
  /** The server's time. */
  readonly clock: Clock;
  readonly local: Clock;
  /** A reply said `serverMs`; it was asked for and came at these times of the local clock. */
  readonly learn: (serverMs: number, sent: number, received: number) => void;
  /** Told of every assigned version that replies show. */
  readonly note: (assigned: number) => void;
}

type Sender = Pick<RedisSender, 'call'>;

/** Has changes made by one call of their script, and answers each with what the script says of its key. */
export class ScriptRunner {
  constructor(private readonly parts: ScriptRunnerParts) {}

  async run(client: Sender, changes: readonly Change[]): Promise<void> {
    const { clock, local, note } = this.parts;
    const began = local.now();
    let reply = await this.#call(client, changes, clock.now() + ANSWER_MS);
    const left = ANSWER_MS - (local.now() - began);
    // Not late by our own clock: this server's is ahead of the one we know.
    if (reply.isLate && left > 0) reply = await this.#call(client, changes, reply.at + left);
    if (reply.isLate) throw new Error('the command reached Redis after its deadline, and nothing was changed');
    for (const [at, change] of changes.entries()) {
      note(reply.pairs[2 * at + 1] ?? 0);
      change.take(reply.pairs[2 * at] ?? 0);
    }
  }

  async #call(client: Sender, changes: readonly Change[], deadline: number): Promise<ScriptReply> {
    const { local, learn } = this.parts;
    const keys = changes.map(({ key }) => key);
    const [first] = changes;
    if (first === undefined) throw new TypeError('there is nothing to change');
    const args = [Math.ceil(deadline), first.channel, ...changes.flatMap((change) => change.args)];
    const sent = local.now();
    const reply = readReply(await first.script.run(client, keys, args), changes.length);
    learn(reply.at, sent, local.now());
    return reply;
  }
}
