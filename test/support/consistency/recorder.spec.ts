import { describe, expect, it } from 'vitest';
import { History, Recorder } from './recorder.js';

/** Every look at the clock is a tick. */
function recorded() {
  let time = 0;
  const log = new History();
  const outcomeOf = (error: unknown) => (String(error).includes('refused') ? 'failed' : 'unknown');
  return { log, recorder: new Recorder({ client: 'c', log, now: () => (time += 1), outcomeOf }) };
}

const fail = (message: string) => () => Promise.reject(new Error(message));

describe('a recorder', () => {
  it('writes down what was asked and answered, and when', async () => {
    const { log, recorder } = recorded();
    await recorder.write('k', 1, async () => undefined);
    expect(await recorder.read('k', async () => 1)).toBe(1);
    await recorder.delete('k', async () => undefined);
    expect(await recorder.compareAndSet('k', { expected: 1, content: 2 }, async () => false)).toBe(false);
    const span = { key: 'k', client: 'c', outcome: 'ok' };
    expect(log.operations).toMatchObject([
      { ...span, kind: 'write', content: 1, call: 1, return: 2 },
      { ...span, kind: 'read', content: 1, call: 3, return: 4 },
      { ...span, kind: 'delete', content: null, call: 5, return: 6 },
      { ...span, kind: 'compare-and-set', expected: 1, content: 2, swapped: false, call: 7, return: 8 },
    ]);
  });

  it('takes an error for unknown, with an open end, unless it is known to mean that nothing happened', async () => {
    const { log, recorder } = recorded();
    await expect(recorder.write('k', 1, fail('timeout'))).rejects.toThrow('timeout');
    await expect(recorder.write('k', 2, fail('refused'))).rejects.toThrow('refused');
    await expect(recorder.read('k', fail('timeout'))).rejects.toThrow('timeout');
    expect(log.operations.map(({ outcome, return: end }) => [outcome, end])).toEqual([
      ['unknown', Infinity],
      ['failed', 3],
      ['failed', 5],
    ]);
  });

  it('has what is still under way as unknown', () => {
    const { log, recorder } = recorded();
    void recorder.write('k', 1, () => new Promise(() => undefined));
    expect(log.operations).toMatchObject([{ outcome: 'unknown', call: 1, return: Infinity }]);
  });
});
