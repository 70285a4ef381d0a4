import { createHash } from 'node:crypto';
import type { RedisArgument, RedisSender } from '../redis-client.js';

/** A Lua script on one key. The server knows it by its hash; one that has forgotten is given the text again. */
export class Script {
  readonly #sha: string;

  constructor(private readonly source: string) {
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  /** Runs on whichever node owns the key. */
  async run(client: Pick<RedisSender, 'call'>, key: string, args: readonly RedisArgument[]): Promise<unknown> {
    try {
      return await client.call('EVALSHA', this.#sha, 1, key, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.call('EVAL', this.source, 1, key, ...args);
    }
  }
}
