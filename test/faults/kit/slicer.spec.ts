import { describe, expect, it } from 'vitest';
import { seeded } from './seed.js';
import { Slicer } from './slicer.js';

/** The places of a stream at which it is cut, when it comes in chunks of these lengths. */
function cuts(seed: number, chunks: readonly number[], most = 5): Set<number> {
  const slicer = new Slicer(seeded(seed));
  const places = new Set<number>();
  let at = 0;
  for (const chunk of chunks) {
    for (let left = chunk; left > 0;) {
      const size = slicer.next(left, most);
      at += size;
      left -= size;
      places.add(at);
    }
  }
  return places;
}

describe('slices', () => {
  it('are 1 to n bytes long', () => {
    const places = [0, ...cuts(3, [1_000])];
    const sizes = places.slice(1).map((place, at) => place - (places[at] ?? 0));
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([1, 5]);
  });

  it('are cut where the seed says, however the bytes come in', () => {
    const whole = cuts(3, [100]);
    expect(cuts(3, [100])).toEqual(whole);
    expect([...cuts(3, [37, 63])].filter((place) => place !== 37 || whole.has(37))).toEqual([...whole]);
    expect(cuts(4, [100])).not.toEqual(whole);
  });

  it('are whole when nothing is cut', () => {
    expect(new Slicer(seeded(3)).next(1_000, undefined)).toBe(1_000);
  });
});
