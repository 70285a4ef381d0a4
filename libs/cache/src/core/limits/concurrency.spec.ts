import { expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { MemoryPermits } from '../../drivers/memory/permits/memory-permits.js';
import { CacheConfigError } from '../errors.js';
import { EventHub } from '../events/event-hub.js';
import type { PermitEngine } from '../locks/permit-engine.js';
import { Permits } from '../locks/permits.js';
import { resolveConcurrency } from './concurrency-rule.js';
import { ConcurrencyLimiter } from './concurrency.js';

const PATIENCE = 40;

/** What becomes of the calls of permits. */
interface State {
  failure: Error | undefined;
  /** Absent: for all. */
  failsFor: string | undefined;
  isSilent: boolean;
}

function start() {
  const clock = new FakeClock();
  const events = new EventHub();
  const memory = new MemoryPermits(clock);
  const calls: string[] = [];
  const state: State = { failure: undefined, failsFor: undefined, isSilent: false };
  const called = async <T>(call: string, name: string, work: () => Promise<T>): Promise<T> => {
    calls.push(call);
    if (state.isSilent) await new Promise(() => undefined);
    if (state.failure !== undefined && (state.failsFor ?? name) === name) throw state.failure;
    return work();
  };
  const engine: PermitEngine = {
    newOwner: () => memory.newOwner(),
    acquire: (request) => called('acquire', request.name, () => memory.acquire(request)),
    renew: (...args) => memory.renew(...args),
    release: (...args) => called('release', args[0], () => memory.release(...args)),
    onOffer: (...args) => memory.onOffer(...args),
    close: () => memory.close(),
  };
  const limiter = new ConcurrencyLimiter({
    shared: new Permits({ engine, clock, events }),
    local: new Permits({ engine: new MemoryPermits(clock), clock, events }),
    clock,
    events,
    fullKey: (name) => name,
    patience: PATIENCE,
  });
  const enter = (...names: readonly string[]) =>
    limiter.enter(names.map((name) => ({ rule: resolveConcurrency({ name, concurrent: 1 }, 'spec'), who: 'ann' })));
  return { clock, calls, state, enter };
}

it('asks once for who is refused', async () => {
  const { calls, enter } = start();
  const { decision, leave } = await enter('exports');
  expect(decision.allowed).toBe(true);
  expect((await enter('exports')).decision.allowed).toBe(false);
  await settle();
  expect(calls).toEqual(['acquire', 'acquire']);
  await leave();
  expect((await enter('exports')).decision.allowed).toBe(true);
});

it('lets who is done go on when Redis does not hear of it', async () => {
  const { clock, state, enter } = start();
  const { leave } = await enter('exports');
  state.isSilent = true;
  let isOver = false;
  void leave().then(() => (isOver = true));
  clock.advance(PATIENCE - 1);
  await settle();
  expect(isOver).toBe(false);
  clock.advance(1);
  await settle();
  expect(isOver).toBe(true);
});

it('does not wait at all for a Redis that is known to be away', async () => {
  const { calls, state, enter } = start();
  const held = await enter('exports');
  state.failure = new Error('away');
  for (let n = 0; n < 3; n++) await (await enter('others')).leave();
  state.isSilent = true;
  calls.length = 0;
  await held.leave();
  expect(calls).toEqual(['release']);
});

it('tells who asks for a key of somebody else, gives back what was taken before, and knows no outage', async () => {
  const { state, enter } = start();
  const foreign = new CacheConfigError("the key 'k' holds a hash");
  state.failure = foreign;
  state.failsFor = 'concurrency:others:ann';
  for (let n = 0; n < 5; n++) await expect(enter('exports', 'others')).rejects.toBe(foreign);
  await settle();
  expect((await enter('exports')).decision).toMatchObject({ allowed: true, storeDown: false });
});
