import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LruList } from './lru-list.js';

/** The order of a list, the one used longest ago first; empties it. */
function drain(list: LruList): number[] {
  const order: number[] = [];
  for (let slot = list.oldest; slot !== undefined; slot = list.oldest) {
    order.push(slot);
    list.remove(slot);
  }
  return order;
}

describe('a list in order of use', () => {
  it('is empty at first', () => {
    expect(new LruList().oldest).toBeUndefined();
  });

  it('knows the one used longest ago', () => {
    const list = new LruList();
    list.grow(4);
    for (const slot of [0, 1, 2]) list.add(slot);
    expect(list.oldest).toBe(0);
    list.use(0);
    expect(list.oldest).toBe(1);
    expect(drain(list)).toEqual([1, 2, 0]);
    expect(list.oldest).toBeUndefined();
  });

  it('keeps its order when it grows', () => {
    const list = new LruList();
    list.grow(2);
    for (const slot of [1, 0]) list.add(slot);
    list.grow(100);
    list.add(99);
    expect(drain(list)).toEqual([1, 0, 99]);
  });

  it('does what an array would do', () => {
    const step = fc.record({ verb: fc.constantFrom('use', 'use', 'use', 'remove'), slot: fc.nat({ max: 9 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const list = new LruList();
        list.grow(10);
        let model: number[] = [];
        for (const { verb, slot } of steps) {
          const known = model.includes(slot);
          if (verb === 'use') {
            if (known) list.use(slot);
            else list.add(slot);
          } else if (known) list.remove(slot);
          model = model.filter((other) => other !== slot);
          if (verb === 'use') model.push(slot);
          expect(list.oldest).toBe(model[0]);
        }
        expect(drain(list)).toEqual(model);
      }),
    );
  });
});
