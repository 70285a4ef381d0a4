/** A number in [0, 1). */
export type Random = () => number;

/** The seed of FAULT_SEED, else a new one. It is printed, because only who knows it can see the same faults again. */
export function chooseSeed(of: string): number {
  const given = process.env.FAULT_SEED;
  const seed = given ? Number(given) : Math.floor(Math.random() * 2 ** 32);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`FAULT_SEED is '${given}': give a whole number`);
  console.log(`${of}: FAULT_SEED=${seed}`);
  return seed;
}

/** Mulberry32 (Tommy Ettinger, public domain): small, and the same on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A stream of its own for each part, so that what one part does cannot shift the chances of another. */
export function branch(seed: number, ...path: readonly number[]): Random {
  const mixed = path.reduce((state, part) => Math.imul(state ^ (part + 0x9e3779b9), 0x85ebca6b) >>> 0, seed >>> 0);
  return seeded(mixed);
}
