import { createHash } from 'node:crypto';
import type { RedisArgument, RedisSender } from '../redis-client.js';

/** A Lua script. The server knows it by its hash; one that has forgotten is given the text again. */
export class Script {
  /** How many things it says of each key. */
  readonly width: number;
  /** Its first word about a key of which it has told nobody. */
  readonly untold: number | undefined;
  readonly #sha: string;

  constructor(
    private readonly source: string,
    { width, untold }: { readonly width: number; readonly untold?: number },
  ) {
    this.width = width;
    this.untold = untold;
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  /** Runs where the keys are. A server that does not know the hash has done nothing. */
  async run(
    client: Pick<RedisSender, 'call'>,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    try {
      return await client.call('EVALSHA', this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.call('EVAL', this.source, keys.length, ...keys, ...args);
    }
  }
}
