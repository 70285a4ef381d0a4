/** A step into a Map or a Set, which have no property to name. */
export interface Step {
  readonly into: 'get' | 'keys' | 'values';
  readonly at: unknown;
}

/** One step from a container to what it holds: a property, an index, or a place in a Map or Set. */
export type PathStep = string | number | Step;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

function stepText(step: PathStep): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'string') return IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  if (step.into !== 'get') return `.${step.into}()[${keyText(step.at)}]`;
  return `.get(${keyText(step.at)})`;
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'number' || typeof key === 'bigint' ? String(key) : '…';
}

/** Where in a value, as one would write it: `$.orders[2].customer`. Deep paths keep their first and last ten steps. */
export function pathText(steps: readonly PathStep[]): string {
  if (steps.length <= 20) return `$${steps.map(stepText).join('')}`;
  return `$${steps.slice(0, 10).map(stepText).join('')}…${steps.slice(-10).map(stepText).join('')}`;
}
