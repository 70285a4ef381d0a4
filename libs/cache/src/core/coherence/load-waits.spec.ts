import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { LoadWaits } from './load-waits.js';

function start() {
  const clock = new FakeClock();
  const waits = new LoadWaits(clock);
  return { clock, waits, wait: (key: string, ms = 1_000) => waits.wait(key, { since: waits.position(), ms }) };
}

describe('who waits for a load of another process', () => {
  it.each(['stored', 'failed', 'unfilled'] as const)(
    'is told that it %s, as are all others who wait for the key',
    async (news) => {
      const { waits, wait } = start();
      const waiting = [wait('a'), wait('a')];
      waits.tell('a', news);
      expect(await Promise.all(waiting)).toEqual([news, news]);
    },
  );

  it('hears nothing of other keys, and asks again when the time is over', async () => {
    const { clock, waits, wait } = start();
    const waiting = wait('a');
    waits.tell('b', 'stored');
    waits.changed('b');
    clock.advance(1_000);
    expect(await waiting).toBeUndefined();
  });

  it.each([
    ['the key changed', (waits: LoadWaits) => waits.changed('a')],
    ['any key may have', (waits: LoadWaits) => waits.anyChanged()],
  ])('asks again when %s', async (_, change) => {
    const { waits, wait } = start();
    const waiting = [wait('a'), wait('a')];
    change(waits);
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it('asks again at once when the news came before the answer that made it wait', async () => {
    const { waits } = start();
    const since = waits.position();
    waits.tell('a', 'stored');
    expect(await waits.wait('a', { since, ms: Infinity })).toBeUndefined();
  });

  it('is forgotten with its news: a later one waits anew', async () => {
    const { clock, waits, wait } = start();
    const first = wait('a');
    waits.tell('a', 'stored');
    await first;
    let isDone = false;
    const second = wait('a').then(() => (isDone = true));
    await Promise.resolve();
    expect(isDone).toBe(false);
    clock.advance(1_000);
    await second;
  });
});
