import type { CacheEvents, LayerName } from '@datapunk/cache';
import { beforeEach, describe, expect, it } from 'vitest';
import { AnswersService } from './answers.service.js';

describe('AnswersService', () => {
  let answers: AnswersService;
  let hit: (layer: LayerName) => void;

  beforeEach(() => {
    const on: CacheEvents['on'] = (_type, listener) => {
      hit = (layer) => Reflect.apply(listener, undefined, [{ type: 'hit', key: 'app:lake:a:1', layer }]);
      return () => undefined;
    };
    answers = new AnswersService({ on });
  });

  it('says memory when no statement ran', async () => {
    expect(await answers.answer('a', () => Promise.resolve(1))).toMatchObject({
      source: 'memory',
      queries: 0,
      data: 1,
    });
  });

  it('says memory when the cache found all in memory, and redis when it found anything in Redis', async () => {
    const finding = (...layers: LayerName[]) =>
      answers.answer('a', async () => {
        await Promise.resolve();
        for (const layer of layers) hit(layer);
      });
    expect((await finding('hot', 'hot')).source).toBe('memory');
    expect(await finding('hot', 'shared', 'hot')).toMatchObject({ source: 'redis', queries: 0 });
  });

  it('says database, and how many statements, when the call ran some', async () => {
    const answer = await answers.answer('a', async () => {
      answers.queryRan();
      await Promise.resolve();
      hit('shared');
      answers.queryRan();
    });
    expect(answer).toMatchObject({ source: 'database', queries: 2 });
  });

  it.each([
    ['database', () => answers.queryRan()],
    ['redis', () => hit('shared')],
  ])('says joined when another call for the same thing asked meanwhile: %s', async (source, ask) => {
    let loaded = (): void => {};
    const load = new Promise<void>((resolve) => (loaded = resolve));
    const leader = answers.answer('a', async () => {
      await load;
      ask();
    });
    const follower = answers.answer('a', () => leader);
    const stranger = answers.answer('b', () => leader);
    loaded();
    expect((await leader).source).toBe(source);
    expect((await follower).source).toBe('joined');
    expect((await stranger).source).toBe('memory');
  });

  it('counts for nobody what nobody asked for', async () => {
    hit('shared');
    answers.queryRan();
    expect((await answers.answer('a', () => Promise.resolve())).source).toBe('memory');
  });

  it('forgets a call that failed and lets its error through unchanged', async () => {
    const fault = new Error('no');
    await expect(answers.answer('a', () => Promise.reject(fault))).rejects.toBe(fault);
    answers.queryRan();
    expect((await answers.answer('a', () => Promise.resolve())).source).toBe('memory');
  });
});
