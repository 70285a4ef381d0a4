import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { RedisSender } from '../redis-client.js';
import type { ScriptCall } from './question.js';
import { readReply, type ScriptReply } from './script-reply.js';

export interface ScriptRunnerParts {
  /** The server's time. */
  readonly clock: Clock;
  readonly local: Clock;
  /** A reply said `serverMs`; it was asked for and came at these times of the local clock. */
  readonly learn: (serverMs: number, sent: number, received: number) => void;
}

type Sender = Pick<RedisSender, 'call'>;

/** Makes one call of what is asked of one script, and answers each with what the script says of its key. */
export class ScriptRunner {
  constructor(private readonly parts: ScriptRunnerParts) {}

  async run(client: Sender, calls: readonly ScriptCall[]): Promise<void> {
    const { clock, local } = this.parts;
    const began = local.now();
    let reply = await this.#call(client, calls, clock.now() + ANSWER_MS);
    const left = ANSWER_MS - (local.now() - began);
    // Not late by our own clock: this server's is ahead of the one we know.
    if (reply.isLate && left > 0) reply = await this.#call(client, calls, reply.at + left);
    if (reply.isLate) throw new Error('the command reached Redis after its deadline, and nothing was done');
    for (const [at, call] of calls.entries()) call.take(reply.items[at] ?? []);
  }

  async #call(client: Sender, calls: readonly ScriptCall[], deadline: number): Promise<ScriptReply> {
    const { local, learn } = this.parts;
    const keys = calls.map(({ key }) => key);
    const [first] = calls;
    if (first === undefined) throw new TypeError('there is nothing to call');
    const args = [Math.ceil(deadline), first.common, ...calls.flatMap(({ args: own }) => own)];
    const sent = local.now();
    const reply = readReply(await first.script.run(client, keys, args), calls.length, first.script.width);
    learn(reply.at, sent, local.now());
    return reply;
  }
}
