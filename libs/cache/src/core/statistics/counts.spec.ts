import { describe, expect, it } from 'vitest';
import { Counts } from './counts.js';
import { statisticsOf } from './statistics-of.js';

/** `a1` belongs to the cache `a`; what begins with `-` to another service. */
const start = () => new Counts((id) => (id.startsWith('-') ? undefined : id[0]));

describe('counts', () => {
  it('keep the caches apart, and sum them up with what is of other services', () => {
    const counts = start();
    counts.hit(counts.numberOf('a1'));
    counts.hit(counts.numberOf('a2'));
    counts.found('b1', 'shared');
    counts.found('-1', 'hot');
    expect([statisticsOf(counts, 'a').hits, statisticsOf(counts, 'b').hits, statisticsOf(counts).hits]).toEqual([
      { hot: 2, shared: 0 },
      { hot: 0, shared: 1 },
      { hot: 3, shared: 1 },
    ]);
  });

  it('know a cache in which nothing has happened', () => {
    expect(statisticsOf(start(), 'quiet')).toMatchObject({ hits: { hot: 0, shared: 0 }, hitRatio: undefined });
  });

  it('have room for any number of caches', () => {
    const counts = new Counts((id) => id);
    const ids = Array.from({ length: 100 }, (_, at) => `cache ${at}`);
    for (const id of ids) counts.hit(counts.numberOf(id));
    for (const id of ids) expect(statisticsOf(counts, id).hits.hot).toBe(1);
    expect(statisticsOf(counts).hits.hot).toBe(100);
  });

  it('count who joins a load as a miss, before it is known to be one and after', () => {
    const counts = start();
    const load = { joined: 2, isMiss: false };
    counts.joined('a1', load);
    counts.joined('a1', load);
    expect(statisticsOf(counts, 'a')).toMatchObject({ misses: 0, joined: 0 });
    counts.missed('a1', load);
    counts.joined('a1', load);
    expect(statisticsOf(counts, 'a')).toMatchObject({ misses: 4, joined: 3, hitRatio: 0 });
  });

  it('count those who joined a look-up that finds the key as hits', () => {
    const counts = start();
    const load = { joined: 2, isMiss: false };
    counts.joined('a1', load);
    counts.found('a1', 'shared');
    counts.together('a1', load);
    expect(statisticsOf(counts, 'a')).toMatchObject({ hits: { hot: 0, shared: 3 }, misses: 0, hitRatio: 1 });
  });

  it('hand on what was found, and count it only if something was', () => {
    const counts = start();
    expect([counts.hitIf('a1', 'found'), counts.hitIf('a1', undefined)]).toEqual(['found', undefined]);
    expect(statisticsOf(counts, 'a').hits.hot).toBe(1);
  });
});
