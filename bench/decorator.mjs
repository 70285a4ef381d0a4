/**
 * W11: what a decorator adds to a plain async method on a hit. Claims: at most 0.15 µs with a one-hole template,
 * 0.5 µs otherwise. The plain method returns a value at once. Shows nothing about misses.
 */
import 'reflect-metadata';
import { added, interleave, median } from './support/measure.mjs';
import { applicationOf, library } from './support/application.mjs';

const { ReadThrough, defineKey } = library;

class Plain {
  async find(_id) {
    return VALUE;
  }
  async findTwo(_id, _page) {
    return VALUE;
  }
  async findOf(_query) {
    return VALUE;
  }
}
const VALUE = { id: 1, name: 'a product', price: 9.5 };

class Cached {
  async one(_id) {
    return VALUE;
  }
  async two(_id, _page) {
    return VALUE;
  }
  async path(_query) {
    return VALUE;
  }
  async called(_query) {
    return VALUE;
  }
}
const searchKey = defineKey('search:{text},{page}');
decorate('one', 'one:{0}');
decorate('two', 'two:{0},{1}:list');
decorate('path', 'path:{0.id},{0.page?}');
decorate('called', (query) => searchKey({ text: query.id, page: query.page }));

function decorate(name, key) {
  const descriptor = Object.getOwnPropertyDescriptor(Cached.prototype, name);
  ReadThrough(key)(Cached.prototype, name, descriptor);
  Object.defineProperty(Cached.prototype, name, descriptor);
}

export async function run() {
  const app = await applicationOf([Plain, Cached]);
  const plain = app.get(Plain);
  const cached = app.get(Cached);
  const queries = Array.from({ length: 1_000 }, (_, id) => ({ id, page: id % 10 }));
  const times = await interleave({
    'plain, number': async (count) => {
      for (let i = 0; i < count; i += 1) await plain.find(i % 1_000);
    },
    'one hole {0}': async (count) => {
      for (let i = 0; i < count; i += 1) await cached.one(i % 1_000);
    },
    'plain, two numbers': async (count) => {
      for (let i = 0; i < count; i += 1) await plain.findTwo(i % 1_000, i % 10);
    },
    'two holes {0},{1}': async (count) => {
      for (let i = 0; i < count; i += 1) await cached.two(i % 1_000, i % 10);
    },
    'plain, object': async (count) => {
      for (let i = 0; i < count; i += 1) await plain.findOf(queries[i % 1_000]);
    },
    'paths {0.id},{0.page?}': async (count) => {
      for (let i = 0; i < count; i += 1) await cached.path(queries[i % 1_000]);
    },
    function: async (count) => {
      for (let i = 0; i < count; i += 1) await cached.called(queries[i % 1_000]);
    },
  });
  await app.close();
  const over = (name, floor) => added(times, name, floor) / 1_000;
  const figures = {
    'one hole {0}': over('one hole {0}', 'plain, number'),
    'two holes {0},{1}': over('two holes {0},{1}', 'plain, two numbers'),
    'paths {0.id},{0.page?}': over('paths {0.id},{0.page?}', 'plain, object'),
    function: over('function', 'plain, object'),
  };
  console.table(
    Object.fromEntries(
      Object.entries(figures).map(([name, us]) => [
        name,
        { 'µs/call': (median(times[name]) / 1_000).toFixed(3), 'added µs': us.toFixed(3) },
      ]),
    ),
  );
  const others = Math.max(figures['two holes {0},{1}'], figures['paths {0.id},{0.page?}'], figures.function);
  return [
    { claim: 'W11 decorator, one hole: ≤ 0.15 µs added', value: figures['one hole {0}'], limit: 0.15 },
    { claim: 'W11 decorator, otherwise: ≤ 0.5 µs added', value: others, limit: 0.5 },
  ];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
