import { describe, expect, it } from 'vitest';
import { settle, sharedParts } from '../../../../../test/support/core.js';
import { entryOf } from '../../../../../test/support/core.js';
import { Recovery } from './recovery.js';

const DOWN = new Error('Redis is away');

function start() {
  const parts = sharedParts();
  const { far, clock, told } = parts;
  const types = () => told.map(({ type }) => type);
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  const keep = (key: string) => far.kept.store(key, entryOf('old', clock.now(), { freshUntil: clock.now() + 60_000 }));
  return { ...parts, types, pass, keep };
}

describe('what could not be told to a layer', () => {
  it('is owed, told of, and made up for as soon as the layer answers', async () => {
    const { recovery, far, keep, pass, told } = start();
    keep('town:1');
    far.failure = DOWN;
    expect(recovery.owe('town:1', DOWN)).toBe(true);
    expect([recovery.owes('town:1'), recovery.owes('town:2'), recovery.depth]).toEqual([true, false, 1]);
    await pass(500);
    expect(recovery.owes('town:1')).toBe(true);
    far.failure = undefined;
    await pass(500);
    expect(recovery.owes('town:1')).toBe(false);
    expect(far.kept.read('town:1')?.kind).toBe('tombstone');
    expect(told).toEqual([
      { type: 'deferred', key: 'app:lake:town:1', error: DOWN, owed: 1 },
      { type: 'recovered', key: 'app:lake:town:1', owed: 0 },
    ]);
    expect(recovery.figures()).toEqual({ owed: 0, recovered: 1, lost: 0 });
  });

  it('is made up for at once when somebody says that the layer is back', async () => {
    const { recovery } = start();
    recovery.owe('town:1', DOWN);
    recovery.nudge();
    await settle();
    expect(recovery.depth).toBe(0);
    recovery.nudge();
  });

  it('does not keep back what another node of Redis could be told', async () => {
    const parts = sharedParts();
    const tried: string[] = [];
    const remove = async (id: string): Promise<void> => {
      tried.push(id);
      if (id.startsWith('silent:')) throw DOWN;
    };
    const recovery = new Recovery({ ...parts, remove });
    for (let at = 0; at < 250; at += 1) recovery.owe(`silent:${at}`, DOWN);
    recovery.owe('town:1', DOWN);
    for (let round = 0; round < 3; round += 1) {
      parts.clock.advance(500);
      await settle();
    }
    expect([tried.length, recovery.owes('town:1'), recovery.depth]).toEqual([300, false, 250]);
  });

  it('stays owed where it was owed anew while it was made up for', async () => {
    const { recovery, far, pass } = start();
    recovery.owe('town:1', DOWN);
    let open = () => undefined as void;
    far.hold = new Promise<void>((resolve) => {
      open = resolve;
    });
    await pass(500);
    recovery.owe('town:1', DOWN);
    open();
    await settle();
    expect(recovery.owes('town:1')).toBe(true);
    await pass(500);
    expect(recovery.owes('town:1')).toBe(false);
  });

  it('is remembered for so many keys and no more', () => {
    const { recovery, types } = start();
    expect(['a:1', 'a:2', 'a:3', 'a:4', 'a:1'].map((key) => recovery.owe(key, DOWN))).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
    expect(types()).toEqual(['deferred', 'deferred', 'deferred', 'invalidation-lost']);
    expect(recovery.figures()).toEqual({ owed: 3, recovered: 0, lost: 1 });
  });

  it('is tried once more at the end, and told as lost where that failed', async () => {
    const { recovery, far, pass, types } = start();
    recovery.owe('town:1', DOWN);
    await recovery.close();
    expect(types()).toEqual(['deferred', 'recovered']);
    const other = start();
    other.far.failure = DOWN;
    other.recovery.owe('town:2', DOWN);
    await other.recovery.close();
    expect([other.types(), other.recovery.depth]).toEqual([['deferred', 'invalidation-lost'], 0]);
    expect(recovery.owe('town:3', DOWN)).toBe(false);
    expect(types().at(-1)).toBe('invalidation-lost');
    far.failure = undefined;
    await pass(10_000);
    expect(recovery.depth).toBe(0);
  });

  it('is tried once at a time, however often somebody says that the layer is back', async () => {
    const { recovery, far, pass } = start();
    far.failure = DOWN;
    let tries = 0;
    const { remove } = far;
    far.remove = (key) => {
      tries += 1;
      return remove(key);
    };
    recovery.owe('town:1', DOWN);
    for (let turn = 0; turn < 5; turn += 1) recovery.nudge();
    await pass(0);
    expect(tries).toBe(1);
    for (let turn = 0; turn < 10; turn += 1) await pass(500);
    expect(tries).toBe(11);
  });
});
