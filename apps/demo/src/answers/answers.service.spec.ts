import { beforeEach, describe, expect, it } from 'vitest';
import { AnswersService } from './answers.service.js';

describe('AnswersService', () => {
  let answers: AnswersService;

  beforeEach(() => {
    answers = new AnswersService();
  });

  it('says memory when no statement ran', async () => {
    expect(await answers.answer('a', () => Promise.resolve(1))).toMatchObject({
      source: 'memory',
      queries: 0,
      data: 1,
    });
  });

  it('says database, and how many statements, when the call ran some', async () => {
    const answer = await answers.answer('a', async () => {
      answers.queryRan();
      await Promise.resolve();
      answers.queryRan();
    });
    expect(answer).toMatchObject({ source: 'database', queries: 2 });
  });

  it('says joined when another call for the same thing ran a statement meanwhile', async () => {
    let loaded = (): void => {};
    const load = new Promise<void>((resolve) => (loaded = resolve));
    const leader = answers.answer('a', async () => {
      await load;
      answers.queryRan();
    });
    const follower = answers.answer('a', () => leader);
    const stranger = answers.answer('b', () => leader);
    loaded();
    expect((await leader).source).toBe('database');
    expect((await follower).source).toBe('joined');
    expect((await stranger).source).toBe('memory');
  });

  it('forgets a call that failed and lets its error through unchanged', async () => {
    const fault = new Error('no');
    await expect(answers.answer('a', () => Promise.reject(fault))).rejects.toBe(fault);
    answers.queryRan();
    expect((await answers.answer('a', () => Promise.resolve())).source).toBe('memory');
  });
});
