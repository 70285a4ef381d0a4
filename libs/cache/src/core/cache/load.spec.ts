import { describe, expect, it, vi } from 'vitest';
import { LoadRun } from './load.js';

describe('the run of a loader', () => {
  it('says its key and its deadline', () => {
    expect(new LoadRun('app:lake:user:1', 1_234)).toMatchObject({ key: 'app:lake:user:1', deadline: 1_234 });
  });

  it('has one signal, which aborts with the reason', () => {
    const run = new LoadRun('app:lake:user:1', 0);
    const { signal } = run;
    const heard = vi.fn();
    signal.addEventListener('abort', heard);
    expect(signal.aborted).toBe(false);
    const reason = new Error('too slow');
    run.abort(reason);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(run.signal).toBe(signal);
    expect(signal.reason).toBe(reason);
  });

  it('has an aborted signal for whoever asks late', () => {
    const run = new LoadRun('app:lake:user:1', 0);
    const reason = new Error('too slow');
    run.abort(reason);
    expect(run.signal.aborted).toBe(true);
    expect(run.signal.reason).toBe(reason);
    expect(run.signal).toBe(run.signal);
  });

  it('makes no signal that nobody asked for', () => {
    const made = vi.spyOn(globalThis, 'AbortController');
    try {
      new LoadRun('app:lake:user:1', 0).abort(new Error('too slow'));
      expect(made).not.toHaveBeenCalled();
    } finally {
      made.mockRestore();
    }
  });
});
