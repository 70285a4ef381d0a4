import type { RedlockServer } from './redlock-server.js';

/** Where the tokens of a name are on each server; they outlive the lock, and a day without anybody. */
const KEPT_MS = 86_400_000;

/**
 * Sets tokens aside: above all that this server has given, its own time in µs, and what the caller has seen.
 *
 * KEYS  1 the tokens of the name
 * ARGV  1 how many · 2 above this
 * Gives the first of them.
 */
const NEXT = `
local time = redis.call('TIME')
local us = time[1] * 1000000 + time[2]
local stored = tonumber(redis.call('GET', KEYS[1]) or 0)
local first = math.max(stored + 1, us, tonumber(ARGV[2]) + 1)
redis.call('SET', KEYS[1], string.format('%.0f', first + ARGV[1] - 1), 'PX', ${KEPT_MS})
return string.format('%.0f', first)
`;

/**
 * Remembers that tokens up to this were given.
 *
 * KEYS  1 the tokens of the name
 * ARGV  1 the last
 */
const RAISE = `
local stored = tonumber(redis.call('GET', KEYS[1]) or 0)
if stored < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ${KEPT_MS}) end
return 1
`;

/**
 * Rising tokens over independent servers: each of a majority is asked, the highest answer counts, and a majority
 * remembers it before anybody has it. Any two majorities have a server in common, so the next is above it (the register
 * of Attiya, Bar-Noy and Dolev, 1995). redlock itself has none.
 */
export class QuorumTokens {
  readonly #majority: number;

  constructor(private readonly servers: readonly RedlockServer[]) {
    this.#majority = Math.floor(servers.length / 2) + 1;
  }

  /**
   * The first of so many tokens.
   * @throws {Error} when no majority answers.
   */
  async next(key: string, count: number, above: bigint): Promise<bigint> {
    const answers = await this.#ask(NEXT, key, [count, String(above)]);
    const token = answers.map((answer) => BigInt(String(answer))).reduce((a, b) => (a > b ? a : b), 0n);
    await this.#ask(RAISE, key, [String(token + BigInt(count) - 1n)]);
    return token;
  }

  /** What a majority answers; the others are not waited for. */
  #ask(script: string, key: string, args: (string | number)[]): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      let failed = 0;
      for (const server of this.servers) {
        server.eval(script, 1, [key, ...args]).then(
          (answer) => {
            if (answers.push(answer) === this.#majority) resolve(answers);
          },
          (error: unknown) => {
            failed += 1;
            if (failed > this.servers.length - this.#majority) reject(asError(error));
          },
        );
      }
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
