import { CacheConfigError, CacheTimeoutError } from '../errors.js';
import type { Key } from '../keys/key.js';
import { inTime } from '../shared/in-time.js';
import { LoadRun, type Load } from './load.js';
import type { CacheParts } from './parts.js';
import type { CallRules } from './rules.js';

export type Loader = (load: Load) => unknown;

/** Runs loaders, each in its scope and within its time. */
export class Loading {
  constructor(private readonly parts: Pick<CacheParts, 'clock' | 'events' | 'keys' | 'scope'>) {}

  /** @param flight what the load is part of: whoever is called by the loader can ask whether he is within it */
  async run(id: string, load: Loader, flight: { readonly rules: CallRules }): Promise<unknown> {
    const { clock, events, keys, scope } = this.parts;
    const { loadTimeout, origin } = flight.rules;
    const at = { flight, isMethod: origin !== undefined };
    const started = clock.now();
    const run = new LoadRun(keys.full(id) as Key, started + loadTimeout);
    try {
      const loaded = await this.#inTime(run, (of) => scope.run(at, of, () => load(of)), loadTimeout);
      if (events.wants('loaded')) events.emit({ type: 'loaded', key: run.key, ms: clock.now() - started });
      return loaded;
    } catch (error) {
      events.emit({ type: 'load-failed', key: run.key, ms: clock.now() - started, error });
      throw error;
    }
  }

  /** A load that asks for its own key. A method that does (an override that calls super) runs once more, bare. */
  async cycle(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const key = this.parts.keys.full(id) as Key;
    if (rules.origin === undefined) throw ownKey(key);
    return load(new LoadRun(key, this.parts.clock.now() + rules.loadTimeout));
  }

  /** The loader's own error passes as it is; a loader that is too late gets its signal aborted and is not waited for. */
  #inTime(run: LoadRun, load: Loader, limit: number): Promise<unknown> {
    const late = (): CacheTimeoutError => {
      const error = tooSlow(run.key, limit);
      run.abort(error);
      return error;
    };
    return inTime(new Promise((loaded) => loaded(load(run))), { clock: this.parts.clock, ms: limit, late });
  }
}

function ownKey(key: string): CacheConfigError {
  return new CacheConfigError(
    `The loader of '${key}' asks for '${key}' itself, directly or through another loader, and would wait for itself. Give the inner read a key of its own, or call what it loads.`,
    { key },
  );
}

function tooSlow(key: string, limit: number): CacheTimeoutError {
  return new CacheTimeoutError(
    `The loader of '${key}' took longer than ${limit} ms. Raise loadTimeout.hard, hand load.signal to what it waits for, or see whether it asks for its own key.`,
    { key },
  );
}
