import { currentRequest, type RequestStore } from '../../context/request-store.js';
import { isThenable } from '../thenable.js';
import { resultKey } from '../result-key.js';
import type { Site, Stage } from '../stage.js';

/** Runs the method once per request and key; without a request it simply runs. Results are handed out as they are. */
export function requestCachedStage(site: Site): Stage {
  const { plan, parts, next } = site;
  const key = resultKey(site, plan.requestCached?.key);
  return (self, args) => {
    const request = currentRequest();
    if (request === undefined) return next(self, args);
    const id = key.of(args);
    if (id === undefined) return next(self, args);
    const results = resultsOf(request, key.shared ? parts.cache : self);
    return results.has(id) ? results.get(id) : remember(results, id, next(self, args));
  };
}

function resultsOf(request: RequestStore, owner: object): Map<unknown, unknown> {
  request.results ??= new WeakMap();
  const results = request.results.get(owner) ?? new Map<unknown, unknown>();
  request.results.set(owner, results);
  return results;
}

/** A rejected promise is forgotten, so that a later call in the request tries again. */
function remember(results: Map<unknown, unknown>, id: string, result: unknown): unknown {
  results.set(id, result);
  if (isThenable(result)) {
    result.then(undefined, () => {
      if (results.get(id) === result) results.delete(id);
    });
  }
  return result;
}
