import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { Letters } from '../calls/courier.js';
import type { Question, Read, ScriptCall } from '../calls/question.js';
import type { Coordination } from '../coordination/coordination.js';
import type { Asked } from './asked.js';
import { Confirmations } from './confirmations.js';
import type { Replicas } from './replicas.js';
import { NoReplicas, Unconfirmed } from './unconfirmed.js';

/** A slot that is on its way to another node is asked for again after this, ms. */
const AGAIN_MS = 25;

/** What says that nothing was done here, because it is for another node to do. */
const ELSEWHERE = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN|READONLY)\b/;

export interface ConfirmedCourierParts {
  readonly replicas: Pick<Replicas, 'of'>;
  /** Why nothing can be asked about a full key. */
  readonly away: (key: string) => Error | undefined;
}

/** Something asked, and what comes of it once it is confirmed. */
interface Letter extends Pick<Asked, 'calls' | 'read'> {
  readonly question: Question;
  /** What a script has said. */
  said(): readonly unknown[];
  /** Answers the question. */
  give(): void;
}

/**
 * Sends as the courier does, but nothing is answered before all replicas of its server have confirmed: what was read was
 * true of a primary that no other had replaced, and what was written outlives that primary. What another node has by now
 * is asked of it, for as long as a caller waits for an answer.
 */
export class ConfirmedCourier implements Letters {
  readonly #confirmations: Confirmations;
  readonly #clock: Clock;

  constructor(
    redis: Coordination,
    private readonly parts: ConfirmedCourierParts,
  ) {
    this.#confirmations = new Confirmations(redis);
    this.#clock = redis.clock;
  }

  away(key: string): Error | undefined {
    return this.parts.away(key);
  }

  read(question: Read): void {
    let reply: unknown;
    const take = (said: unknown): void => {
      reply = said;
    };
    const read = { key: question.key, take, fail: unheard };
    this.#send({ question, calls: [], read, said: () => [], give: () => question.take(reply) });
  }

  call(question: ScriptCall): void {
    let said: readonly unknown[] = [];
    const take = (all: readonly unknown[]): void => {
      said = all;
    };
    const { key, script, common, args } = question;
    const call = { key, script, common, args, take, fail: unheard };
    this.#send({ question, calls: [call], said: () => said, give: () => question.take(said) });
  }

  #send(letter: Letter, until = this.#clock.now() + ANSWER_MS): void {
    const { question } = letter;
    const needed = this.parts.replicas.of(question.key);
    if (typeof needed === 'number') return this.#add(letter, needed, until);
    needed.then(
      (known) => this.#add(letter, known, until),
      (error: unknown) => question.fail(error),
    );
  }

  #add(letter: Letter, needed: number, until: number): void {
    const { question, calls, read } = letter;
    if (needed === 0) return question.fail(new NoReplicas());
    let isOver = false;
    const end = (replicas: number): void => {
      isOver = true;
      if (replicas < needed) question.fail(new Unconfirmed(letter.said(), replicas, needed));
      else letter.give();
    };
    const fail = (error: unknown): void => {
      if (isOver) return;
      isOver = true;
      if (!isElsewhere(error) || this.#clock.now() >= until) question.fail(error);
      else this.#clock.after(AGAIN_MS, () => this.#send(letter, until));
    };
    this.#confirmations.add({ key: question.key, calls, read, needed, fail, end });
  }
}

/** What fails a part fails the whole. */
const unheard = (): void => undefined;

function isElsewhere(error: unknown): boolean {
  return error instanceof Error && ELSEWHERE.test(error.message);
}
