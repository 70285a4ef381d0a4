import { readItems, readPlace, readStep } from './read-place.js';
import type { Hole } from './place.js';
import { renderHole } from './render.js';
import type { KeyTemplate } from './template.js';

/** The items that stand for a `'*'` in the key being built, by the path that leads to it: `0.*`, `result.*.tags.*`. */
type Chosen = Map<string, unknown>;

/**
 * All keys a template names in a call. Holes that share an array go through it together
 * (`{result.*.shop},{result.*.id}` gives one key an item); different arrays give every combination.
 * @throws {CacheKeyError} as `readPlace` and `renderKey` do.
 */
export function renderKeys(template: KeyTemplate, args: readonly unknown[], result?: unknown): string[] {
  const keys = new Set<string>();
  const chosen: Chosen = new Map();
  const build = (key: string, index: number): void => {
    const hole = template.holes[index];
    if (hole === undefined) return void keys.add(key);
    const next = (value: unknown): void => build(key + renderHole(hole, value) + hole.after, index + 1);
    if (isStarred(hole)) eachValue(hole, { args, result, chosen }, next);
    else next(readPlace(hole, args, result));
  };
  build(template.head, 0);
  return [...keys];
}

function isStarred({ place }: Hole): boolean {
  return (place.from === 'argument' || place.from === 'result') && place.path.includes('*');
}

interface Call {
  readonly args: readonly unknown[];
  readonly result: unknown;
  readonly chosen: Chosen;
}

function eachValue(hole: Hole, { args, result, chosen }: Call, visit: (value: unknown) => void): void {
  const { place } = hole;
  if (place.from !== 'argument' && place.from !== 'result') return;
  const walk = (value: unknown, at: string, path: readonly string[]): void => {
    const [step, ...rest] = path;
    if (step === undefined) return visit(value);
    const here = `${at}.${step}`;
    if (step !== '*') return walk(readStep(value, step, hole), here, rest);
    if (chosen.has(here)) return walk(chosen.get(here), here, rest);
    for (const item of readItems(value, hole)) {
      chosen.set(here, item);
      walk(item, here, rest);
    }
    chosen.delete(here);
  };
  if (place.from === 'argument') walk(args[place.index], String(place.index), place.path);
  else walk(result, 'result', place.path);
}
