import type { Redis } from 'ioredis';

interface Waiting {
  readonly resolve: (value: string | null) => void;
  readonly reject: (error: Error) => void;
}

const DEADLINE_MS = 300;

/**
 * The control: what one writes first. Reads of a tick leave together, replies are given out in the order asked, a batch
 * that is late is given up. On a client that sends again what was unanswered, replies then go to the wrong callers.
 */
export class NaiveCollector {
  #asked: string[] = [];
  #waiting: Waiting[] = [];

  constructor(private readonly client: Redis) {}

  get(key: string): Promise<string | null> {
    return new Promise((resolve, reject) => {
      if (this.#asked.push(key) === 1) setImmediate(() => this.#send());
      this.#waiting.push({ resolve, reject });
    });
  }

  #send(): void {
    const late = setTimeout(() => this.#giveUp(), DEADLINE_MS);
    const sent = this.#asked.map((key) =>
      this.client.get(key).then(
        (value) => this.#waiting.shift()?.resolve(value),
        (error: Error) => this.#waiting.shift()?.reject(error),
      ),
    );
    this.#asked = [];
    void Promise.all(sent).then(() => clearTimeout(late));
  }

  #giveUp(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(new Error('late'));
  }
}
