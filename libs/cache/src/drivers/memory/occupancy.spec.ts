import { describe, expect, it } from 'vitest';
import { entryOf, FakeClock } from '../../../../../test/support/core.js';
import { Counts } from '../../core/statistics/counts.js';
import { statisticsOf } from '../../core/statistics/statistics-of.js';
import { MemoryLayer } from './memory-layer.js';

function start(maxEntries = 100) {
  const clock = new FakeClock();
  const counts = new Counts((id) => id.split(':')[0]);
  const evicted: string[] = [];
  const memory = new MemoryLayer({ clock, maxBytes: 100_000, maxEntries, counts, evicted: (key) => evicted.push(key) });
  const keep = (key: string, value: unknown = 'value') => memory.store(key, entryOf(value, clock.now()));
  const entries = (cache?: string) => statisticsOf(counts, cache).memory.entries;
  const bytes = (cache?: string) => statisticsOf(counts, cache).memory.bytes;
  return { clock, counts, memory, keep, entries, bytes, evicted };
}

describe('what memory holds of each cache', () => {
  it('follows stores, stores over them, removals and evictions', () => {
    const { memory, keep, entries, bytes } = start();
    keep('tree:1');
    keep('tree:2');
    keep('rock:1', 'a longer value than that of any tree');
    expect([entries('tree'), entries('rock'), entries()]).toEqual([2, 1, 3]);
    const before = bytes('tree');
    keep('tree:1', 'a longer value than it had');
    expect(entries('tree')).toBe(2);
    expect(bytes('tree')).toBeGreaterThan(before);
    memory.remove('tree:1');
    memory.forget('tree:2');
    expect([entries('tree'), entries('rock')]).toEqual([0, 1]);
    // What is remembered of a removed key takes room, and is no entry.
    expect(bytes('tree')).toBeGreaterThan(0);
    keep('tree:1');
    expect(entries('tree')).toBe(1);
  });

  it('is nothing once memory is emptied, and right afterwards', () => {
    const { memory, keep, entries, bytes } = start();
    keep('tree:1');
    keep('rock:1');
    memory.forget();
    expect([entries(), bytes()]).toEqual([0, 0]);
    keep('tree:1');
    expect([entries('tree'), entries('rock')]).toEqual([1, 0]);
  });

  it('loses what is evicted, whoever takes its slot', () => {
    const { keep, entries, evicted } = start(2);
    keep('tree:1');
    keep('tree:2');
    keep('rock:1');
    expect(evicted).toEqual(['tree:1']);
    expect([entries('tree'), entries('rock')]).toEqual([1, 1]);
  });

  it('counts a hit where the key belongs, and none where nothing is found', () => {
    const { counts, memory, keep } = start();
    keep('tree:1');
    void memory.hit('tree:1');
    memory.peek('tree:1');
    void memory.hit('rock:1');
    memory.peek('rock:1');
    memory.read('tree:1');
    expect([statisticsOf(counts, 'tree').hits.hot, statisticsOf(counts).hits.hot]).toEqual([2, 2]);
  });
});
