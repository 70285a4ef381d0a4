import { beforeEach, describe, expect, it } from 'vitest';
import { coreParts, entryOf, settle, type TestParts } from '../../../../../test/support/core.js';
import { LoadWaits } from '../coherence/load-waits.js';
import type { Claim, Fence } from '../layers/fence.js';
import { LayeredStore } from '../layers/layered-store.js';
import { Turns } from './turns.js';

const MINE: Claim = { kind: 'mine', lease: { key: 'a', id: new Uint8Array(16), assigned: 9 } };

let parts: TestParts;
let turns: Turns;
let claims: Claim[];
let revoked: [string, number][];
let revoking: Promise<boolean>;
let returned: Claim;

beforeEach(() => {
  parts = coreParts({
    instead: ({ store: { hot }, notices, remembered, clock }) => ({
      store: new LayeredStore({ hot, below: [], notices, dates: clock, remembered }),
    }),
  });
  const version = { source: undefined, assigned: 5 };
  returned = { kind: 'found', entry: entryOf('old', parts.clock.now(), { version }) };
  claims = [returned, MINE];
  revoked = [];
  revoking = Promise.resolve(true);
  const fence = {
    claim: async () => claims.shift() ?? { kind: 'closed' },
    revoke: (key: string, assigned: number) => {
      revoked.push([key, assigned]);
      return revoking;
    },
  } as Partial<Fence> as Fence;
  turns = new Turns(parts, { fence, waits: new LoadWaits(parts.clock) });
  parts.remembered.note('a', 7);
});

const next = () => turns.next('a', { limit: 30_000, began: parts.clock.now() });

describe('the turn at a key whose old value came back with another server', () => {
  it('is asked for anew, once that is gone', async () => {
    expect(await next()).toMatchObject({ kind: 'lease', lease: { assigned: 9 } });
    expect(revoked).toEqual([['a', 7]]);
    expect(parts.store.hot.peek('a')).toBeUndefined();
  });

  it('is to take it where nothing was heard (control)', async () => {
    parts.clock.advance(120_000);
    claims = [{ kind: 'found', entry: entryOf('old', parts.clock.now()) }];
    expect(await next()).toMatchObject({ kind: 'found', entry: { value: 'old' } });
    expect(revoked).toEqual([]);
  });

  it('is to take what another process has filled meanwhile', async () => {
    const version = { source: undefined, assigned: 8 };
    claims = [returned, { kind: 'found', entry: entryOf('new', parts.clock.now(), { version }) }];
    revoking = Promise.resolve(false);
    expect(await next()).toMatchObject({ kind: 'found', entry: { value: 'new' } });
  });

  it('is to load alone where it cannot be removed', async () => {
    revoking = Promise.reject(new Error('away'));
    expect(await next()).toEqual({ kind: 'alone' });
    expect(parts.told).toMatchObject([{ type: 'layer-failed', layer: 'shared', operation: 'read' }]);
  });

  it('takes no more of the caller’s time than any answer of Redis', async () => {
    revoking = new Promise(() => undefined);
    const turn = next();
    await settle();
    parts.clock.advance(1_000);
    expect(await turn).toEqual({ kind: 'alone' });
  });
});
