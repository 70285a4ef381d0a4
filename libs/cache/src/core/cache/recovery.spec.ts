import { describe, expect, it } from 'vitest';
import { settle, sharedParts } from '../../../../../test/support/core.js';
import { entryOf } from '../../../../../test/support/core.js';

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
      { type: 'deferred', key: 'app:lake:town:1', error: DOWN },
      { type: 'recovered', key: 'app:lake:town:1' },
    ]);
  });

  it('is made up for at once when somebody says that the layer is back', async () => {
    const { recovery } = start();
    recovery.owe('town:1', DOWN);
    recovery.nudge();
    await settle();
    expect(recovery.depth).toBe(0);
    recovery.nudge();
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
    expect(types()).toEqual(['deferred', 'deferred', 'deferred', 'invalidation-lost', 'deferred']);
  });

  it('is tried once more at the end, and never after', async () => {
    const { recovery, far, pass } = start();
    recovery.owe('town:1', DOWN);
    await recovery.close();
    expect(recovery.depth).toBe(0);
    far.failure = DOWN;
    recovery.owe('town:2', DOWN);
    await recovery.close();
    far.failure = undefined;
    recovery.nudge();
    await pass(10_000);
    expect(recovery.depth).toBe(1);
  });
});
