import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { Notices } from '../coherence/notices.js';
import type { TagLook, TagStore } from './tag-store.js';
import { Tags } from './tags.js';

const AGAIN_MS = 500;

/** The tags of a process, over a store that answers with these, one after the other; the last again and again. */
function start(...answers: (number | Error)[]) {
  const clock = new FakeClock();
  let asked = 0;
  const look = async (): Promise<TagLook> => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? 0;
    if (typeof answer !== 'number') throw answer;
    return { generation: answer, floor: answer, expired: 0, deleted: 0 };
  };
  const store: TagStore = { look, bump: () => 0 };
  const tags = new Tags({
    store,
    service: 'lake',
    notices: new Notices(),
    cacheOf: () => '%-',
    clock,
    cleared: () => undefined,
  });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  return { tags, pass, asked: () => asked, generation: () => tags.generation('town:1') };
}

describe('a process that only writes, after a doubt', () => {
  const away = new Error('Redis is away');

  it('learns the number that counts now, though nobody asks', async () => {
    const { tags, pass, generation } = start(5, 9);
    await tags.learn(['%-']);
    tags.forget();
    expect(generation()).toBe(5);
    await pass(AGAIN_MS);
    expect(generation()).toBe(9);
  });

  it('asks until it is answered, and no longer', async () => {
    const { tags, pass, asked, generation } = start(5, away, away, 9);
    await tags.learn(['%-']);
    tags.forget();
    tags.forget();
    for (let turn = 0; turn < 3; turn += 1) await pass(AGAIN_MS);
    expect([generation(), asked()]).toEqual([9, 4]);
    await pass(10 * AGAIN_MS);
    expect(asked()).toBe(4);
  });

  it('is answered at once where it hears again, whatever failed a moment ago', async () => {
    const { tags, generation } = start(away, 9);
    await tags.learn(['%-']);
    await tags.learn(['%-']);
    expect(generation()).toBe(9);
  });

  it('asks nothing once it has ended', async () => {
    const { tags, pass, asked } = start(5);
    await tags.learn(['%-']);
    tags.forget();
    tags.close();
    tags.forget();
    await pass(AGAIN_MS);
    expect(asked()).toBe(1);
  });
});
