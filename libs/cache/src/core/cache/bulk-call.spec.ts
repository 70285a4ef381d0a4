import { describe, expect, it } from 'vitest';
import { coreParts, settle } from '../../../../../test/support/core.js';
import { BulkAnswers } from './bulk-answers.js';
import { BulkCall } from './bulk-call.js';
import { LoadRun } from './load.js';

function start(answer: (missing: readonly number[]) => unknown = (ids) => new Map(ids.map((id) => [id, `row ${id}`]))) {
  const asked: (readonly number[])[] = [];
  const call = new BulkCall<number>(coreParts(), async (missing) => {
    asked.push(missing);
    return new BulkAnswers(await answer(missing), String);
  });
  const loaders = [0, 1, 2].map((at) => call.loader({ id: `row:${at}`, of: at, at, rules: { origin: undefined } }));
  const load = async (at: number): Promise<unknown> => loaders[at]?.(new LoadRun(`row:${at}` as never, 1_000));
  const waits = (at: number): void => loaders[at]?.waits?.();
  return { asked, call, load, waits };
}

describe('a bulk call', () => {
  it('runs its loader once, when each key is known or has to be loaded, with the ids in the order asked', async () => {
    const { asked, call, load } = start();
    const loading = [load(2), load(0)];
    await settle();
    expect(asked).toEqual([]);
    call.known(1);
    expect(await Promise.all(loading)).toEqual(['row 2', 'row 0']);
    expect(asked).toEqual([[0, 2]]);
  });

  it('does not wait for a key that somebody else loads; when that fails, the key has a run of its own', async () => {
    const { asked, call, load, waits } = start();
    const first = load(0);
    waits(1);
    call.known(2);
    await first;
    expect(await load(1)).toBe('row 1');
    expect(asked).toEqual([[0], [1]]);
  });

  it('is held until what holds it is known', async () => {
    const { asked, call, load } = start();
    call.hold(-1);
    const loading = [0, 1, 2].map(load);
    await settle();
    expect(asked).toEqual([]);
    call.known(-1);
    await Promise.all(loading);
    expect(asked).toEqual([[0, 1, 2]]);
  });

  it('loads nothing where every key is found', async () => {
    const { asked, call } = start();
    for (const at of [0, 1, 2]) call.known(at);
    await settle();
    expect(asked).toEqual([]);
  });

  it('gives every key what the loader throws, and null for an id that it leaves out', async () => {
    const error = new Error('no rows');
    const failing = start(() => Promise.reject(error));
    const failed = await Promise.allSettled([0, 1, 2].map(failing.load));
    expect(failed.map((one) => one.status === 'rejected' && one.reason === error)).toEqual([true, true, true]);
    const lacking = start(() => new Map([[1, 'row 1']]));
    expect(await Promise.all([0, 1, 2].map(lacking.load))).toEqual([null, 'row 1', null]);
  });
});
