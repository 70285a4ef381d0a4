import { beforeEach, describe, expect, it } from 'vitest';
import { entryOf, FakeClock } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { MemoryLayer } from '../../drivers/memory/memory-layer.js';
import type { Lease } from '../coherence/lease.js';
import { NoticeMemory } from '../coherence/notice-memory.js';
import { Notices } from '../coherence/notices.js';
import type { ValueEntry } from '../entry/entry.js';
import type { Layer } from './layer.js';
import { LayeredStore } from './layered-store.js';

const KEY = 'town:1';

let clock: FakeClock;
let notices: Notices;
let remembered: NoticeMemory;
let hot: MemoryLayer;
/** What Redis has. */
let there: ValueEntry;
let answer: Promise<void>;
let store: LayeredStore;

const version = (assigned: number) => ({ source: undefined, assigned });

beforeEach(() => {
  clock = new FakeClock();
  notices = new Notices();
  remembered = new NoticeMemory({ clock, dates: clock });
  hot = new MemoryLayer({ clock, maxBytes: 100_000, maxEntries: 100 });
  there = entryOf('old', clock.now(), { version: version(5) });
  answer = Promise.resolve();
  const read = async () => answer.then(() => there);
  const shared: Partial<Layer> = { name: 'shared', read };
  const headers = { header: read };
  store = new LayeredStore({ hot, below: [shared as Layer], notices, dates: clock, headers, remembered });
});

function tell(assigned: number): void {
  notices.note(KEY);
  remembered.note(KEY, assigned);
}

describe('an entry that was changed, and came back with another server', () => {
  it('is not found, and not kept', async () => {
    tell(6);
    expect(await store.find(KEY)).toBeUndefined();
    expect(hot.peek(KEY)).toBeUndefined();
  });

  it('would be both by a process that had not heard (control)', async () => {
    notices.note(KEY);
    expect(await store.find(KEY)).toMatchObject({ entry: { value: 'old' }, layer: 'shared' });
    expect(hot.peek(KEY)?.value).toBe('old');
  });

  it('is not served again by memory that doubts it', async () => {
    hot.store(KEY, there);
    hot.doubt();
    remembered.note(KEY, 6);
    expect(await store.find(KEY)).toBeUndefined();
    expect(hot.doubted(KEY)).toBeUndefined();
  });

  it('is not found either where all that was known is in doubt meanwhile', async () => {
    tell(6);
    const late = gate();
    answer = late.promise;
    const found = store.find(KEY);
    notices.noteAll();
    late.open();
    expect(await found).toBeUndefined();
  });

  it('is one until it is replaced by what is as new, or newer', async () => {
    tell(6);
    there = entryOf('new', clock.now(), { version: version(6) });
    expect(await store.find(KEY)).toMatchObject({ entry: { value: 'new' } });
  });
});

describe('an entry that was changed after it was asked for', () => {
  it('did not come back: it is found, and not kept', async () => {
    const late = gate();
    answer = late.promise;
    const found = store.find(KEY);
    tell(6);
    late.open();
    expect(await found).toMatchObject({ entry: { value: 'old' } });
    expect(hot.peek(KEY)).toBeUndefined();
  });
});

describe('a load whose lease stands because the change was lost', () => {
  const lease: Lease = { key: KEY, id: new Uint8Array(16), assigned: 5 };
  const calls: string[] = [];
  const fence = {
    fill: async () => calls.push('fill') > 0,
    yield: async (_: Lease, news: unknown) => void calls.push(String(news)),
  };
  const fill = () => store.fill(KEY, there, { since: notices.position(), fence, lease });

  beforeEach(() => void calls.splice(0));

  it('is not kept, and the lease is given back', async () => {
    tell(6);
    expect(await fill()).toBe('invalidated');
    expect(calls).toEqual(['unfilled']);
    expect(hot.peek(KEY)).toBeUndefined();
  });

  it('is kept where nothing is known (control)', async () => {
    tell(5);
    expect(await fill()).toBe('stored');
    expect(calls).toEqual(['fill']);
    expect(hot.peek(KEY)?.value).toBe('old');
  });
});
