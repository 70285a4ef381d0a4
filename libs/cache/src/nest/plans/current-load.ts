import { AsyncLocalStorage } from 'node:async_hooks';
import type { Load } from '../../core/cache/load.js';

const loads = new AsyncLocalStorage<Load>();

/**
 * The load under way, inside a `@ReadThrough` method and what it awaits. Undefined outside of one, on a hit, and when
 * the method runs undecorated: code that uses it must do without.
 *
 * @example const rows = await fetch(url, { signal: currentLoad()?.signal ?? null });
 */
export function currentLoad(): Load | undefined {
  return loads.getStore();
}

export function runInLoad<R>(load: Load, work: () => R): R {
  return loads.run(load, work);
}
