import { CacheConnectionError, LockNotReplicatedError, LockTimeoutError } from '../errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';
import type { Random } from '../shared/random.js';
import { Holding } from './holding.js';
import type { JointAnswer, LockEngine, LockGrant } from './lock-engine.js';
import type { LockTerms } from './lock-options.js';
import { Pause } from './pause.js';
import { Tenure } from './tenure.js';
import { told } from './told.js';
import { Waiter } from './waiter.js';
import { tellHeld } from './tell-held.js';

export interface JointParts {
  readonly engine: LockEngine;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventHub;
  /** A new owner: 128 random bits. */
  readonly owner: () => string;
  /** Waits for one name, in its line. */
  readonly acquire: (name: string, terms: LockTerms) => Promise<Holding>;
  /** Somebody of this process has the name, or waits for it. */
  readonly isBusyHere: (name: string) => boolean;
}

/** After an answer that did not come. */
const FAILED_AGAIN_MS = 100;

/** Who has met others again and again waits at most so long before the next try. */
const LONGEST_STEP_BACK_MS = 64;

/** What came of one step; `again`: all are to be asked for anew. */
type Outcome =
  | Exclude<JointAnswer, { kind: 'granted' }>
  | { readonly kind: 'held'; readonly all: readonly Holding[] }
  | { readonly kind: 'again' };

/**
 * One caller who wants several names at once. All are asked for in one step. Where one is busy the caller stands in the
 * line of that one and holds nothing; once it has it, the others are asked for in one step; where one of those is busy
 * everything is given back and that one is waited for, as `std::lock` of C++ does. So nobody who holds a name waits for
 * another.
 *
 * Names that are not kept in one place are taken one after the other, in the order of their characters, which is the same
 * in every process: two who have names in common cannot wait for each other.
 */
export class JointClaim {
  readonly #waiter: Waiter<readonly Holding[]>;
  /** Aborts when nobody wants it any more. */
  readonly #over = new AbortController();
  readonly #pause: Pause;
  readonly #living = new Set<Tenure>();
  /** The one that it waits for, or waited for last. */
  #inTheWay: string;
  /** Who asks. */
  #owner: string | undefined;
  /** An answer did not come: some may have been granted. */
  #isUnsure = false;
  #failure: unknown;
  /** So often it had one of the names, and others were busy. */
  #collisions = 0;

  /** @param names sorted, each once */
  constructor(
    private readonly names: readonly string[],
    private readonly terms: LockTerms,
    private readonly parts: JointParts,
  ) {
    this.#inTheWay = names[0] ?? '';
    this.#pause = new Pause(parts.clock);
    this.#waiter = new Waiter({ clock: parts.clock, terms, isTry: false, gone: (_one, why) => this.#gone(why) });
  }

  /**
   * @returns what is held, in the order of the names.
   * @throws {LockTimeoutError} when they were not all free in time; none of them is held then.
   */
  async take(): Promise<readonly Holding[]> {
    this.#waiter.start();
    this.#go().catch((error: unknown) => this.#refuse(error));
    return (await this.#waiter.turn) ?? [];
  }

  /** Sends the caller away, and lets what is held end by itself. */
  close(): void {
    const message = `The application shut down while the locks ${this.#listed} were waited for.`;
    this.#refuse(new CacheConnectionError(message, { key: this.#inTheWay }));
    for (const tenure of this.#living) tenure.abandon();
  }

  async #go(): Promise<void> {
    let outcome: Outcome = this.#knownBusy() ?? { kind: 'again' };
    while (!this.#isOver) {
      const { kind } = outcome;
      if (kind === 'held') return this.#grant(outcome.all);
      const [busy] = kind === 'busy' ? outcome.names : [];
      if (kind === 'apart') outcome = { kind: 'held', all: await this.#oneByOne() };
      else outcome = await this.#tried(() => (busy === undefined ? this.#atOnce(this.names) : this.#afterOne(busy)));
    }
    if (outcome.kind === 'held') await giveBack(outcome.all);
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** What needs no question. */
  #knownBusy(): Outcome | undefined {
    const busy = this.#waiter.isPatient ? this.names.find((name) => this.parts.isBusyHere(name)) : undefined;
    return busy === undefined ? undefined : { kind: 'busy', names: [busy] };
  }

  async #tried(step: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await step();
    } catch (error) {
      if (!this.#waiter.outwaits(error)) throw error;
      this.#failure = error;
      this.#pause.begin();
      if (!this.#isOver) await this.#pause.until(FAILED_AGAIN_MS);
      return { kind: 'again' };
    }
  }

  /** Waits for the one that is busy, then takes the others at once, or gives it back. */
  async #afterOne(busy: string): Promise<Outcome> {
    this.#inTheWay = busy;
    if (!this.#waiter.isPatient) throw this.#late();
    const first = await this.#acquire(busy);
    const others = this.names.filter((name) => name !== busy);
    let outcome: Outcome | undefined;
    try {
      outcome = await this.#atOnce(others);
    } finally {
      if (outcome?.kind !== 'held') await first.release();
    }
    if (outcome.kind === 'held') return { kind: 'held', all: this.#inOrder([first, ...outcome.all]) };
    await this.#stepBack();
    return outcome;
  }

  /**
   * Of those who have each other's names and give them back at once, some come back later: else they would change places
   * for ever. The first time they hardly ever do.
   */
  async #stepBack(): Promise<void> {
    this.#collisions += 1;
    if (this.#collisions === 1) return;
    const longest = Math.min(2 ** this.#collisions, LONGEST_STEP_BACK_MS);
    this.#pause.begin();
    if (!this.#isOver) await this.#pause.until(longest * this.parts.random());
  }

  #inOrder(all: readonly Holding[]): readonly Holding[] {
    return this.names.flatMap((name) => all.filter((one) => one.name === name));
  }

  async #oneByOne(): Promise<readonly Holding[]> {
    const held: Holding[] = [];
    try {
      for (const name of this.names) {
        this.#inTheWay = name;
        held.push(await this.#acquire(name));
      }
      return held;
    } catch (error) {
      await giveBack(held.toReversed());
      throw error;
    }
  }

  /** In its line, as long as this caller waits at all. */
  #acquire(name: string): Promise<Holding> {
    return this.parts.acquire(name, { ...this.terms, atLeast: 0, signal: this.#over.signal });
  }

  async #atOnce(names: readonly string[]): Promise<Outcome> {
    this.#owner ??= this.parts.owner();
    const owner = this.#owner;
    const { ttl, durability, whenUndurable } = this.terms;
    const common = { owner, ttl, durability, whenUndurable, tokens: 1, above: 0n, queue: false };
    try {
      const answer = await this.parts.engine.claimAll(names.map((name) => ({ name, ...common })));
      if (answer.kind === 'granted') return await this.#held(names, owner, answer.grants);
      this.#forget();
      return answer;
    } catch (error) {
      // Whoever asks again as the same owner is given again what was granted, unless the engine has taken it back itself.
      this.#isUnsure = true;
      if (this.#isOver || error instanceof LockNotReplicatedError) this.#forget();
      throw told(names[0] ?? '', error);
    }
  }

  async #held(names: readonly string[], owner: string, grants: readonly LockGrant[]): Promise<Outcome> {
    this.#owner = undefined;
    this.#isUnsure = false;
    const all = grants.map((grant, at) => this.#hold(names[at] ?? '', owner, grant));
    if (!this.#isOver && [...this.#living].every((tenure) => tenure.isSafe())) return { kind: 'held', all };
    await giveBack(all);
    await this.#stepBack();
    return { kind: 'again' };
  }

  #hold(name: string, owner: string, grant: LockGrant): Holding {
    const { engine, clock, events } = this.parts;
    const lost = (): void => {
      this.#living.delete(tenure);
      const error = holding.lose();
      if (error !== undefined) events.emit({ type: 'lock-lost', name, token: holding.token, error });
    };
    const tenure: Tenure = new Tenure({ name, owner, ttl: this.terms.ttl }, grant, { engine, clock, lost });
    this.#living.add(tenure);
    const holding: Holding = new Holding({ name, token: tenure.handOn(false) }, tenure, (one) =>
      this.#back(one, tenure),
    );
    holding.released = tellHeld(this.parts, { name, token: holding.token, since: this.#waiter.since });
    return holding;
  }

  async #back({ notBefore }: Holding, tenure: Tenure): Promise<void> {
    const end = (): Promise<void> => {
      this.#living.delete(tenure);
      return tenure.end();
    };
    const { clock } = this.parts;
    const left = notBefore - clock.now();
    if (left <= 0) return end();
    clock.after(left, () => void end());
  }

  /** Gives back what may have been granted. */
  #forget(): void {
    const owner = this.#owner;
    if (owner === undefined || !this.#isUnsure) return;
    this.#owner = undefined;
    this.#isUnsure = false;
    const { ttl } = this.terms;
    for (const name of this.names) {
      this.parts.engine.release({ name, owner, ttl, durability: 'local' }, 0n).catch(() => undefined);
    }
  }

  #grant(all: readonly Holding[]): void {
    const notBefore = this.parts.clock.now() + this.terms.atLeast;
    for (const holding of all) holding.notBefore = notBefore;
    this.#waiter.grant(all);
  }

  #gone(why: 'late' | 'aborted'): void {
    this.#refuse(why === 'late' ? this.#late() : this.terms.signal?.reason);
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    this.#over.abort(error);
    this.#pause.end();
    this.#forget();
    this.#waiter.refuse(error);
  }

  #late(): LockTimeoutError {
    const { clock, events } = this.parts;
    const name = this.#inTheWay;
    if (events.wants('lock-timeout')) {
      events.emit({ type: 'lock-timeout', name, waited: clock.now() - this.#waiter.since });
    }
    return new LockTimeoutError(
      `The locks ${this.#listed} were not all free within ${this.terms.wait} ms, '${name}' was not, and the work did not run. Retry later, shorten the work, or wait longer.`,
      { key: name, cause: this.#failure },
    );
  }

  get #listed(): string {
    return this.names.map((name) => `'${name}'`).join(', ');
  }
}

/** Those of one place are given back in one call. */
async function giveBack(all: readonly Holding[]): Promise<void> {
  await Promise.all(all.map((holding) => holding.release()));
}
