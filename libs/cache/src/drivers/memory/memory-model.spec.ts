import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryOf, FakeClock } from '../../../../../test/support/core.js';
import { TOMBSTONE_MS } from '../../core/layers/layer.js';
import { MemoryLayer } from './memory-layer.js';

const OVERHEAD = 120;
const MAX = { maxBytes: 2_000, maxEntries: 6 };
const TTL = 1_000;

interface Step {
  readonly verb: 'store' | 'read' | 'hit' | 'peek' | 'remove' | 'expire' | 'wait';
  readonly key: string;
  readonly length: number;
  readonly version: number;
}

const stepOf = (...verbs: readonly Step['verb'][]): fc.Arbitrary<Step> =>
  fc.record({
    verb: fc.constantFrom(...verbs),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'eeeeeeeeee', 'f', 'g', 'h'),
    length: fc.oneof(fc.nat({ max: 400 }), fc.nat({ max: 2_000 })),
    version: fc.nat({ max: 8 }),
  });

interface Held {
  readonly value: string | undefined;
  readonly version: number;
  readonly bytes: number;
  readonly fresh: boolean;
}

/** The layer as a list, least recently used first. No time passes. */
class Model {
  held = new Map<string, Held>();
  readonly evicted: string[] = [];

  #put(key: string, held: Held): void {
    this.held.delete(key);
    this.held.set(key, held);
  }

  store({ key, version }: Step, value: string, size: number): string {
    const found = this.held.get(key);
    if (found !== undefined && version < found.version) return 'older';
    const bytes = OVERHEAD + key.length + size;
    if (bytes > MAX.maxBytes) {
      this.held.delete(key);
      return 'too-large';
    }
    this.#put(key, { value, version, bytes, fresh: true });
    while (this.held.size > MAX.maxEntries || this.bytes > MAX.maxBytes) {
      const [[oldest, { value: lost }] = ['', { value: undefined }]] = this.held;
      this.held.delete(oldest);
      if (lost !== undefined) this.evicted.push(oldest);
    }
    return 'stored';
  }

  get bytes(): number {
    return [...this.held.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  use(key: string, need: 'any' | 'fresh'): Held | undefined {
    const found = this.held.get(key);
    if (found === undefined || (need === 'fresh' && !found.fresh)) return undefined;
    this.#put(key, found);
    return found;
  }

  remove(key: string): void {
    const found = this.held.get(key);
    if (found?.value === undefined) return;
    this.#put(key, { value: undefined, version: found.version, bytes: OVERHEAD + key.length, fresh: false });
  }

  expire(key: string): void {
    const found = this.held.get(key);
    if (found !== undefined) this.held.set(key, { ...found, fresh: false });
  }
}

/** Fills the layer to its last byte: what is lost meanwhile shows that it believes to hold more than it does. */
function lostByFilling(layer: MemoryLayer, clock: FakeClock, evicted: readonly string[]): number {
  const before = evicted.length;
  const size = MAX.maxBytes / 4 - OVERHEAD - 1;
  for (const key of ['w', 'x', 'y', 'z']) layer.store(key, entryOf('x'.repeat(size - 16), clock.now()));
  for (const key of ['w', 'x', 'y', 'z']) expect(layer.read(key)?.kind).toBe('value');
  return evicted.length - before;
}

/** Takes a step; what a caller sees of it. */
function take(step: Step, layer: MemoryLayer, clock: FakeClock): unknown {
  const { verb, key, length, version } = step;
  const now = clock.now();
  if (verb === 'wait') return clock.advance(length);
  if (verb !== 'store') return layer[verb](key);
  const times = { freshUntil: now + TTL, staleUntil: now + 2 * TTL };
  return layer.store(
    key,
    entryOf('x'.repeat(length), now, { ...times, version: { source: undefined, assigned: version } }),
  );
}

function start() {
  const clock = new FakeClock();
  const evicted: string[] = [];
  const layer = new MemoryLayer({ clock, ...MAX, evicted: (key) => evicted.push(key) });
  return { clock, evicted, layer };
}

describe('memory, whatever is asked of it', () => {
  it('does what a list in order of use would do', () => {
    const steps = fc.array(stepOf('store', 'store', 'store', 'read', 'hit', 'peek', 'remove', 'expire'), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const { clock, evicted, layer } = start();
        const model = new Model();
        for (const step of list) {
          const { verb, key } = step;
          const seen = take(step, layer, clock);
          if (verb === 'store') {
            const value = 'x'.repeat(step.length);
            expect(seen).toBe(model.store(step, value, entryOf(value, 0).size));
          } else if (verb === 'read') {
            expect((seen as { value?: string } | undefined)?.value).toBe(model.use(key, 'any')?.value);
          } else if (verb === 'hit') expect(seen !== undefined).toBe(model.use(key, 'fresh') !== undefined);
          else if (verb === 'peek') expect((seen as Held | undefined)?.value).toBe(model.use(key, 'fresh')?.value);
          else if (verb === 'remove') model.remove(key);
          else model.expire(key);
          expect(evicted).toEqual(model.evicted);
        }
        for (const [key, { value, version }] of model.held) {
          expect(layer.read(key)).toMatchObject({
            version: { assigned: version },
            ...(value === undefined ? {} : { value }),
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('serves nothing whose time is over, as time passes', () => {
    fc.assert(
      fc.property(fc.array(stepOf('store', 'store', 'peek', 'read', 'wait', 'expire'), { maxLength: 60 }), (list) => {
        const { clock, layer } = start();
        const until = new Map<string, number>();
        for (const step of list) {
          const outcome = take(step, layer, clock);
          if (outcome === 'stored') until.set(step.key, clock.now() + TTL);
          if (step.verb === 'expire') until.delete(step.key);
          for (const key of 'abcdfgh') {
            if (layer.peek(key) !== undefined) expect(until.get(key) ?? 0).toBeGreaterThan(clock.now());
          }
        }
      }),
    );
  });

  const anything = fc.array(stepOf('store', 'store', 'store', 'read', 'remove', 'expire', 'wait', 'hit'), {
    maxLength: 60,
  });

  it('holds nothing once it is closed', () => {
    fc.assert(
      fc.property(anything, (list) => {
        const { clock, evicted, layer } = start();
        for (const step of list) take(step, layer, clock);
        layer.close();
        for (const { key } of list) expect(layer.read(key)).toBeUndefined();
        expect(lostByFilling(layer, clock, evicted)).toBe(0);
      }),
    );
  });

  it('holds nothing once everything is removed and its memory of it is over', () => {
    fc.assert(
      fc.property(anything, (list) => {
        const { clock, evicted, layer } = start();
        for (const step of list) take(step, layer, clock);
        for (const { key } of list) layer.remove(key);
        clock.advance(TOMBSTONE_MS);
        for (const { key } of list) expect(layer.read(key)).toBeUndefined();
        expect(lostByFilling(layer, clock, evicted)).toBe(0);
      }),
    );
  });
});
