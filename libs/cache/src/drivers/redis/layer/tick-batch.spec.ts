import { describe, expect, it } from 'vitest';
import { TickBatch } from './tick-batch.js';

function echoing(limit: number) {
  const asked: (readonly string[])[] = [];
  const batch = new TickBatch(async (keys) => {
    asked.push(keys);
    return keys.map((key) => `value of ${key}`);
  }, limit);
  return { asked, batch };
}

describe('the reads of a tick', () => {
  it('travel together, and each gets its own answer', async () => {
    const { asked, batch } = echoing(50);
    const answers = await Promise.all(['a', 'b', 'a'].map((key) => batch.get(key)));
    expect(answers).toEqual(['value of a', 'value of b', 'value of a']);
    expect(asked).toEqual([['a', 'b', 'a']]);
  });

  it('travel in as many batches as the limit asks for', async () => {
    const { asked, batch } = echoing(50);
    await Promise.all(Array.from({ length: 120 }, (_, at) => batch.get(`k${at}`)));
    expect(asked.map(({ length }) => length)).toEqual([50, 50, 20]);
  });

  it('do not wait for those of the next', async () => {
    const { asked, batch } = echoing(50);
    await batch.get('a');
    await batch.get('b');
    expect(asked).toEqual([['a'], ['b']]);
  });

  it('fail together, and not those of another batch', async () => {
    let calls = 0;
    const batch = new TickBatch(async (keys) => {
      if (++calls === 1) throw new Error('connection lost');
      return keys;
    }, 2);
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((key) => batch.get(key)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });
});
