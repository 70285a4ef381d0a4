import { CacheTimeoutError } from '../errors.js';
import type { Key } from '../keys/key.js';
import { Keeper } from './keeper.js';
import { LoadRun, type Load } from './load.js';
import type { Outcome } from './outcome.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

export type Loader = (load: Load) => unknown;

/** Answers from the nearest layer, else from the loader, which runs once however many ask. */
export class ReadThrough {
  constructor(
    private readonly parts: CacheParts,
    private readonly keeper: Keeper,
  ) {}

  /** The way after memory had nothing fresh. */
  read(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const { flights, events, keys } = this.parts;
    const joined = flights.find(id);
    if (joined !== undefined) {
      if (events.wants('joined')) events.emit({ type: 'joined', key: keys.full(id) });
      return joined.then(rules.deliver);
    }
    if (events.wants('miss')) events.emit({ type: 'miss', key: keys.full(id) });
    return flights.start(id, () => this.#obtain(id, load, rules)).then(rules.deliver);
  }

  async #obtain(id: string, load: Loader, rules: CallRules): Promise<Outcome> {
    const { store, notices, clock } = this.parts;
    const since = notices.position();
    if (store.below.length > 0) {
      const entry = await store.find(id);
      if (entry !== undefined) return { kind: 'kept', kept: entry };
    }
    const started = clock.now();
    const loaded = await this.#load(id, load, rules);
    return this.keeper.keep(id, loaded, { rules, since, computeMs: clock.now() - started });
  }

  async #load(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const { clock, events, keys } = this.parts;
    const started = clock.now();
    const run = new LoadRun(keys.full(id) as Key, started + rules.loadTimeout);
    try {
      const loaded = await this.#inTime(run, load, rules.loadTimeout);
      if (events.wants('loaded')) events.emit({ type: 'loaded', key: run.key, ms: clock.now() - started });
      return loaded;
    } catch (error) {
      events.emit({ type: 'load-failed', key: run.key, ms: clock.now() - started, error });
      throw error;
    }
  }

  /** The loader's own error passes as it is; a loader that is too late gets its signal aborted and is not waited for. */
  #inTime(run: LoadRun, load: Loader, limit: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.parts.clock.after(limit, () => {
        const error = tooSlow(run.key, limit);
        reject(error);
        run.abort(error);
      });
      const settled = <T>(settle: (value: T) => void) => (value: T) => {
        cancel();
        settle(value);
      };
      new Promise((loaded) => loaded(load(run))).then(settled(resolve), settled(reject));
    });
  }
}

function tooSlow(key: string, limit: number): CacheTimeoutError {
  return new CacheTimeoutError(
    `The loader of '${key}' took longer than ${limit} ms. Raise loadTimeout.hard, or hand load.signal to what it waits for.`,
    { key },
  );
}

