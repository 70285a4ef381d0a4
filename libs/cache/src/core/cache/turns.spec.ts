import { describe, expect, it } from 'vitest';
import { coreParts, entryOf, settle } from '../../../../../test/support/core.js';
import { LoadWaits } from '../coherence/load-waits.js';
import type { Claim, Fence } from '../layers/fence.js';
import { Turns } from './turns.js';

const MINE: Claim = { kind: 'mine', lease: { key: 'a', id: new Uint8Array(16), assigned: 7 } };
const BUSY: Claim = { kind: 'busy', freeIn: 2_000 };
const LIMIT = 30_000;

/** A fleet whose claims end as the test says, in this order. */
function start(...claims: (Claim | Promise<Claim> | Error)[]) {
  const parts = coreParts();
  const asked: string[] = [];
  const yielded: string[] = [];
  const fence = {
    claim: async (key: string): Promise<Claim> => {
      asked.push(key);
      const next = claims.shift() ?? BUSY;
      if (next instanceof Error) throw next;
      return next;
    },
    renew: async () => true,
    yield: async (_lease: unknown, news: string) => void yielded.push(news),
  } as Partial<Fence> as Fence;
  const waits = new LoadWaits(parts.clock);
  const turns = new Turns(parts, { fence, waits });
  const found = (): Claim => ({ kind: 'found', entry: entryOf('filled', parts.clock.now()) });
  const patience = () => ({ limit: LIMIT, began: parts.clock.now() });
  return { ...parts, asked, claims, waits, turns, found, patience, yielded };
}

describe('the turn of a process at a key', () => {
  it('is to load under the lease it gets', async () => {
    const { turns, patience } = start(MINE);
    expect(await turns.next('a', patience())).toMatchObject({ kind: 'lease', lease: { assigned: 7 } });
  });

  it('is to take what another process filled, and to keep it', async () => {
    const { turns, patience, claims, found, store } = start();
    claims.push(found());
    expect(await turns.next('a', patience())).toMatchObject({ kind: 'found', entry: { value: 'filled' } });
    expect(store.hot.peek('a')?.value).toBe('filled');
  });

  it('is to take what another process filled without keeping it, when a notice came meanwhile', async () => {
    const { turns, patience, claims, found, store, notices } = start();
    claims.push(found());
    const turn = turns.next('a', patience());
    notices.note('a');
    expect((await turn).kind).toBe('found');
    expect(store.hot.peek('a')).toBeUndefined();
  });

  it('is to ask at once where the word of the other process overtook the answer that it is busy', async () => {
    const { turns, patience, claims, found, waits } = start(Promise.resolve(BUSY));
    claims.push(found());
    const turn = turns.next('a', patience());
    waits.tell('a', 'stored');
    expect((await turn).kind).toBe('found');
  });

  it.each([
    ['somebody writes it', { kind: 'closed' } as const],
    ['Redis does not answer', new Error('away')],
  ])('is to load alone where %s', async (_, claim) => {
    const { turns, patience } = start(claim);
    expect(await turns.next('a', patience())).toEqual({ kind: 'alone' });
  });

  it('waits for the load of another, and asks again once it is stored', async () => {
    const { turns, patience, claims, found, waits, asked } = start(BUSY);
    claims.push(found());
    const turn = turns.next('a', patience());
    await settle();
    expect(asked).toHaveLength(1);
    waits.tell('a', 'stored');
    expect((await turn).kind).toBe('found');
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['failed', { kind: 'failed' }],
    ['unfilled', { kind: 'alone' }],
  ] as const)('is known at once after a load that %s: the others do not wait in a row', async (news, known) => {
    const { turns, patience, waits, asked } = start(BUSY);
    const turn = turns.next('a', patience());
    await settle();
    waits.tell('a', news);
    expect(await turn).toEqual(known);
    expect(asked).toHaveLength(1);
  });

  it('asks again when the other’s lease is over, for nobody may have told', async () => {
    const { turns, patience, clock } = start(BUSY, MINE);
    const turn = turns.next('a', patience());
    await settle();
    clock.advance(400);
    expect((await turn).kind).toBe('lease');
  });

  it('is to load alone when Redis has taken the caller’s time, and a lease that comes later is given back', async () => {
    const { turns, patience, claims, clock, yielded } = start();
    claims.push(new Promise<Claim>((claimed) => void clock.after(900, () => claimed(MINE))));
    const turn = turns.next('a', { ...patience(), began: clock.now() - 600 });
    clock.advance(400);
    expect(await turn).toEqual({ kind: 'alone' });
    clock.advance(500);
    await settle();
    expect(yielded).toEqual(['unfilled']);
  });

  it('asks again at once when the key changed while it asked', async () => {
    const { turns, patience, notices } = start(BUSY, MINE);
    const turn = turns.next('a', patience());
    notices.note('a');
    expect((await turn).kind).toBe('lease');
  });

  it('asks often while it does not hear', async () => {
    const { turns, patience, notices, clock } = start(BUSY, MINE);
    notices.deafen();
    const turn = turns.next('a', patience());
    await settle();
    clock.advance(100);
    expect((await turn).kind).toBe('lease');
  });

  it('is to load alone when the others take longer than it may wait', async () => {
    const { turns, patience, clock } = start();
    const turn = turns.next('a', { ...patience(), limit: 5_000 });
    for (let passed = 0; passed < 5_100; passed += 100) {
      await settle();
      clock.advance(100);
    }
    expect(await turn).toEqual({ kind: 'alone' });
  });
});
