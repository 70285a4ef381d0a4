import { describe, expect, it } from 'vitest';
import { TickBatch, type BatchLimit } from './tick-batch.js';

function sent<Q>(limit: BatchLimit<Q>) {
  const batches: (readonly Q[])[] = [];
  const batch = new TickBatch<Q>((questions) => batches.push(questions), limit);
  const ask = async (...questions: Q[]): Promise<typeof batches> => {
    for (const question of questions) batch.add(question);
    await new Promise((resolve) => setImmediate(resolve));
    return batches.splice(0);
  };
  return { ask, batch, batches };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('the questions of a tick', () => {
  it('travel together, in the order asked', async () => {
    expect(await sent({ count: 50 }).ask('a', 'b', 'a')).toEqual([['a', 'b', 'a']]);
  });

  it('are not sent before the tick is over, and do not wait for those of the next', async () => {
    const { ask, batch, batches } = sent({ count: 50 });
    batch.add('a');
    await Promise.resolve();
    expect(batches).toEqual([]);
    expect(await ask()).toEqual([['a']]);
    expect(await ask('b')).toEqual([['b']]);
    expect(await ask()).toEqual([]);
  });

  it.each([
    [50, [50]],
    [51, [26, 25]],
    [64, [32, 32]],
    [120, [40, 40, 40]],
    [149, [50, 50, 49]],
  ])('travel in as few batches as the limit allows, of equal length: %d', async (count, lengths) => {
    const batches = await sent({ count: 50 }).ask(...numbers(count));
    expect(batches.map(({ length }) => length)).toEqual(lengths);
    expect(batches.flat()).toEqual(numbers(count));
  });

  it('travel with those before them only where they fit', async () => {
    const { ask } = sent<string>({ count: 3, fits: (one, before) => one[0] === before[0] });
    expect(await ask('a1', 'a2', 'b1', 'a3', 'a4', 'a5', 'a6')).toEqual([
      ['a1', 'a2'],
      ['b1'],
      ['a3', 'a4'],
      ['a5', 'a6'],
    ]);
  });

  it('travel with no more bytes than a batch may have; what is larger travels alone', async () => {
    const { ask } = sent<number>({ count: 50, size: { of: (bytes) => bytes, most: 10 } });
    expect(await ask(4, 6, 1, 30, 30, 9, 1, 1)).toEqual([[4, 6], [1], [30], [30], [9, 1], [1]]);
  });

  it('that are asked while others are sent travel in the next', async () => {
    const batches: number[][] = [];
    const batch: TickBatch<number> = new TickBatch<number>(
      (questions) => {
        batches.push([...questions]);
        if (questions[0] === 1) batch.add(2);
      },
      { count: 50 },
    );
    batch.add(1);
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([[1], [2]]);
  });
});
