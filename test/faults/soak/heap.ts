import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a process holds, at a moment of its soak. */
export interface Sample {
  readonly seconds: number;
  /** Of the heap after a collection. */
  readonly bytes: number;
}

const collect = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};

export function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes a second, by least squares. */
export function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [x, y] = [mean(({ seconds }) => seconds), mean(({ bytes }) => bytes)];
  const over = samples.reduce((sum, one) => sum + (one.seconds - x) * (one.bytes - y), 0);
  return over / samples.reduce((sum, one) => sum + (one.seconds - x) ** 2, 0);
}

/** What the line through the samples rises from the first to the last, bytes. */
export function growth(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || first === last) throw new Error('two samples make a line');
  return slope(samples) * (last.seconds - first.seconds);
}
