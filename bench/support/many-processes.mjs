import { execFileSync } from 'node:child_process';
import { median } from './measure.mjs';

const PROCESSES = 16;

/**
 * The ratio of one side to a floor, for what is so small that where the compiler and the heap happen to put things weighs
 * more: measured in many processes, in turns first and last. The median of their ratios, and of the floor's time.
 *
 * @param file a script that, called with `measure floor side side`, prints `{ ratio, ns }`
 */
export function inManyProcesses(file, floor, other) {
  const all = Array.from({ length: PROCESSES }, (_, at) => {
    const order = at % 2 === 0 ? [floor, other] : [other, floor];
    const args = ['--expose-gc', file, 'measure', floor, ...order];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  });
  return { ratio: median(all.map(({ ratio }) => ratio)), ns: median(all.map(({ ns }) => ns)) };
}
