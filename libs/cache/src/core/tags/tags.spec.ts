import { describe, expect, it } from 'vitest';
import { MemoryTagStore } from '../../drivers/memory/tags/memory-tag-store.js';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { Notices } from '../coherence/notices.js';
import { TagStoreToCome } from './tag-store-to-come.js';
import type { TagMode } from './tag-store.js';
import { Tags } from './tags.js';

function start() {
  const clock = new FakeClock();
  const store = new MemoryTagStore(clock);
  const notices = new Notices();
  const cleared: true[] = [];
  const heard: unknown[] = [];
  const tags = new Tags({
    store,
    service: 'lake',
    notices,
    clock,
    cacheOf: (id) => (id.startsWith('app:') ? undefined : 'shop'),
    cleared: () => cleared.push(true),
    heard: (...news) => heard.push(news),
  });
  const bump = (names: readonly string[], mode: TagMode = 'delete') => {
    const table = tags.table('shop');
    tags.told(table, { tags: names, mode, number: store.bump('shop', { tags: names, mode, seen: 0 }) });
  };
  const entry = (...names: string[]) => ({ tags: names, tagGeneration: tags.generation('town:1'), createdAt: 0 });
  return { clock, store, notices, tags, cleared, heard, bump, entry };
}

const notice = { publisher: 'p-1', number: 1, assigned: Number.MAX_SAFE_INTEGER } as const;

describe('tags', () => {
  it('judge an entry by what was invalidated since its load began', async () => {
    const { tags, bump, entry } = start();
    await tags.learn(['shop']);
    const before = entry('a', 'b');
    expect(await tags.judge('town:1', before)).toBe('valid');
    bump(['b'], 'expire');
    expect(await tags.judge('town:1', before)).toBe('expired');
    bump(['a']);
    expect(await tags.judge('town:1', before)).toBe('deleted');
    expect(await tags.judge('town:1', entry('a', 'b'))).toBe('valid');
  });

  it('end everything with the whole cache, and let memory look at what has no tags', async () => {
    const { tags, cleared, bump, entry } = start();
    await tags.learn(['shop']);
    const [tagged, plain] = [entry('a'), entry()];
    bump([]);
    expect([await tags.judge('town:1', tagged), await tags.judge('town:1', plain)]).toEqual(['deleted', 'deleted']);
    expect(cleared).toEqual([true]);
  });

  it('of another service say nothing: with tags its entries are foreign', async () => {
    const { tags, entry } = start();
    const id = 'app:sea:town:1';
    expect([await tags.judge(id, entry()), await tags.judge(id, entry('a'))]).toEqual(['valid', 'foreign']);
    expect([tags.generation(id), tags.begun(id), tags.ready(id)]).toEqual([0, undefined, undefined]);
  });

  it('act on notices of other processes and pass them on, and leave those of keys alone', async () => {
    const { tags, heard, entry } = start();
    await tags.learn(['shop']);
    const before = entry('a');
    await tags.judge('town:1', before);
    expect(tags.heard({ ...notice, kind: 'set', key: 'app:lake:town:1' })).toBe(false);
    expect(tags.heard({ ...notice, kind: 'tag', key: 'coord:lake:tags:shop|delete|a' })).toBe(true);
    expect(await tags.judge('town:1', before)).toBe('deleted');
    expect(heard).toEqual([['shop', ['a'], 'delete']]);
  });

  it('remember no mark while notices are not heard, and ask again for what may have gone unheard', async () => {
    const { tags, store, notices, entry } = start();
    await tags.learn(['shop']);
    const before = entry('a');
    expect(await tags.judge('town:1', before)).toBe('valid');
    // Nobody told of it.
    store.bump('shop', { tags: ['a'], mode: 'delete', seen: 0 });
    expect(await tags.judge('town:1', before)).toBe('valid');
    notices.deafen();
    expect(await tags.judge('town:1', before)).toBe('deleted');
  });

  it('let no stale value through that was deleted, or may have been', async () => {
    const { tags, bump, entry } = start();
    await tags.learn(['shop']);
    const before = entry('a');
    expect([tags.allowsStale('town:1', before), tags.allowsStale('town:1', entry())]).toEqual([false, true]);
    await tags.judge('town:1', before);
    expect(tags.allowsStale('town:1', before)).toBe(true);
    bump(['a'], 'expire');
    await tags.judge('town:1', before);
    expect(tags.allowsStale('town:1', before)).toBe(true);
    bump(['a']);
    expect(tags.allowsStale('town:1', before)).toBe(false);
  });
});

describe('a tag store that is still to come', () => {
  it('answers once it is there, what was asked before as well', async () => {
    const store = new TagStoreToCome();
    const early = store.bump('shop', { tags: ['a'], mode: 'delete', seen: 0 });
    let isAnswered = false;
    void Promise.resolve(early).then(() => (isAnswered = true));
    await settle();
    expect(isAnswered).toBe(false);
    store.come(new MemoryTagStore(new FakeClock()));
    const number = await early;
    expect(await store.look('shop', 'a', 0)).toMatchObject({ deleted: number });
  });
});
