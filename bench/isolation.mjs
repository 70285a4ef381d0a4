/**
 * W10: what isolation costs a hit in memory: shared and frozen (the default), and a copy for every caller, by the size of the
 * value; against `await map.get(key)`, which isolates nothing, and a `structuredClone` of what it gives. No claim: a choice.
 */
import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { interleave, median, ratios } from './support/measure.mjs';
import { applicationOf, library } from './support/application.mjs';

const { CacheService } = library;

const row = (id) => ({ id, name: `n${id}`, price: id * 1.5, tags: ['a', 'b'] });
const VALUES = {
  'a row of 4 fields': row(1),
  '100 rows': Array.from({ length: 100 }, (_, id) => row(id)),
  'a row with a Date': { ...row(1), at: new Date(0) },
};

export async function run() {
  const frozen = await applicationOf();
  const copied = await applicationOf([], { defaults: { isolation: 'copy' } });
  const table = {};
  for (const [name, value] of Object.entries(VALUES)) {
    const map = new Map([['product:1', value]]);
    const load = async () => value;
    const [shared, own] = [frozen.get(CacheService), copied.get(CacheService)];
    await shared.set('product:1', value);
    await own.set('product:1', value);
    const over = (read) => async (count) => {
      for (let at = 0; at < count; at += 1) await read();
    };
    const times = await interleave(
      {
        'floor: await map.get': over(() => map.get('product:1')),
        "'frozen'": over(() => shared.readThrough('product:1', load)),
        "'copy'": over(() => own.readThrough('product:1', load)),
        structuredClone: over(async () => structuredClone(map.get('product:1'))),
      },
      { count: name === '100 rows' ? 2_000 : 50_000 },
    );
    const times100 = ratios(times, 'floor: await map.get');
    for (const way of Object.keys(times)) {
      table[`${name}, ${way}`] = { 'ns/call': Math.round(median(times[way])), '× of floor': times100[way].toFixed(2) };
    }
  }
  await Promise.all([frozen.close(), copied.close()]);
  console.table(table);
  return [];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await run());
