import { CacheTimeoutError } from '../../../core/errors.js';
import { decide } from '../../../core/limits/decide.js';
import type { Decision } from '../../../core/limits/decision.js';
import type { LimitAsk, LimitStore, ScopeRule } from '../../../core/limits/limit-store.js';
import { inOwnTime } from '../../../core/limits/own-time.js';
import type { Coordination } from '../coordination/coordination.js';
import { ours } from '../coordination/foreign-key.js';
import { ratelimitKey } from './keys.js';
import { ADJUST } from './scripts/adjust.script.js';
import { DECIDE, LATE, NOT_OURS } from './scripts/decide.script.js';
import { metersOf, rulesText } from './state-text.js';

/** Of coordination what it takes to count. */
export type LimitCalls = Pick<Coordination, 'service' | 'clock' | 'dates' | 'run'>;

/** How long a request waits for its decision, ms: what is left of 50 ms is for the process itself. */
const DECISION_MS = 40;

/** Until this has been answered once, connections are still being opened: then it may take as long as a call, ms. */
const FIRST_MS = 1_000;

interface Request {
  readonly ask: LimitAsk;
  readonly take: (decision: Decision) => void;
  readonly fail: (error: unknown) => void;
}

/** What was asked in one tick. */
interface Tick {
  readonly asked: ReadonlyMap<string, readonly Request[]>;
  readonly deadline: string;
  /** Everybody has an answer. */
  isOver: boolean;
}

/**
 * Counts in Redis, for all processes. One key holds all rules of a scope for one identity. The requests of a tick travel
 * together, and those for one key and the same rules are decided as one: by construction the same as one after the other
 * at one time of the server. The server gives the state it decided on, and the decisions are worked out here once more.
 */
export class RedisLimitStore implements LimitStore {
  #asked = new Map<string, Request[]>();
  #patience = FIRST_MS;

  /** @param most how long a request waits for its decision, ms */
  constructor(
    private readonly calls: LimitCalls,
    private readonly most = DECISION_MS,
  ) {}

  decide(ask: LimitAsk): Promise<Decision> {
    return new Promise((take, fail) => {
      if (this.#asked.size === 0) setImmediate(() => this.#flush());
      const request = { ask, take, fail };
      const requests = this.#asked.get(ask.key);
      if (requests === undefined) this.#asked.set(ask.key, [request]);
      else if (requests[0]?.ask.rules === ask.rules) requests.push(request);
      else this.#askApart(request);
    });
  }

  async adjust({ key, rules, cost }: LimitAsk): Promise<void> {
    await this.#adjust(key, rules, cost);
  }

  async reset(key: string): Promise<void> {
    await this.#adjust(key, [], 0);
  }

  /** Changes nothing. */
  async probe(): Promise<void> {
    await this.#adjust('probe', [], 0);
  }

  async #adjust(key: string, rules: readonly ScopeRule[], amount: number): Promise<void> {
    const args = [rulesText(rules), String(amount)];
    const full = ratelimitKey(this.calls.service, key);
    ours(full, await this.calls.run({ script: ADJUST, key: full, args }));
    this.#patience = this.most;
  }

  /** Rules that are not the same list, because their limits are those of a call. */
  #askApart(request: Request): void {
    const id = `${request.ask.key} ${rulesText(request.ask.rules)}`;
    const requests = this.#asked.get(id);
    if (requests === undefined) this.#asked.set(id, [request]);
    else requests.push(request);
  }

  #flush(): void {
    const tick: Tick = { asked: this.#asked, deadline: this.#deadline(), isOver: false };
    this.#asked = new Map();
    const answers = Array.from(tick.asked.values(), (requests) => this.#ask(requests, tick));
    const { clock } = this.calls;
    // One timer for all of a tick.
    inOwnTime(Promise.all(answers), { clock, ms: this.#patience, late }).catch((error: unknown) => {
      tick.isOver = true;
      for (const requests of tick.asked.values()) for (const { fail } of requests) fail(error);
    });
  }

  async #ask(requests: readonly Request[], tick: Tick): Promise<void> {
    const [first] = requests;
    if (first === undefined) return;
    const { rules } = first.ask;
    try {
      let said = await this.#said(requests, first.ask, tick.deadline);
      // It reached Redis too late, and was not counted. Who still waits then stood still before it was sent.
      if (said === LATE && !tick.isOver) said = await this.#said(requests, first.ask, this.#deadline());
      if (said === LATE) throw late();
      answer(requests, rules, said);
    } catch (error) {
      for (const { fail } of requests) fail(error);
    }
  }

  async #said(requests: readonly Request[], { key, rules }: LimitAsk, deadline: string): Promise<string> {
    const full = ratelimitKey(this.calls.service, key);
    const args = [deadline, rulesText(rules), runsOf(requests)];
    const [said] = await this.calls.run({ script: DECIDE, key: full, args });
    this.#patience = this.most;
    const text = String(said);
    if (text.startsWith(NOT_OURS)) ours(full, [text.slice(NOT_OURS.length)]);
    return text;
  }

  /** By the server's time. */
  #deadline(): string {
    return String(Math.ceil(this.calls.dates.now() + this.#patience));
  }
}

function late(): CacheTimeoutError {
  return new CacheTimeoutError('Redis did not decide in time.', { layer: 'shared' });
}

/** The costs in their order, runs of the same cost as one: `1x3,5x1`. */
function runsOf(requests: readonly Request[]): string {
  const [first] = requests;
  if (requests.length === 1) return `${first?.ask.cost ?? 1}x1`;
  let text = '';
  let cost = first?.ask.cost ?? 1;
  let count = 0;
  for (const { ask } of requests) {
    if (ask.cost !== cost) {
      text += `${cost}x${count},`;
      cost = ask.cost;
      count = 0;
    }
    count++;
  }
  return `${text}${cost}x${count}`;
}

/** The decisions that the server took on the state it tells. */
function answer(requests: readonly Request[], rules: readonly ScopeRule[], text: string): void {
  const end = text.indexOf(':');
  const now = Number(text.slice(0, end)) / 1_000;
  const meters = metersOf(rules, text.slice(end + 1));
  for (const { ask, take } of requests) take(decide(ask, meters, now));
}
