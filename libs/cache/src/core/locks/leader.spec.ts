import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { locksOver } from '../../../../../test/support/locks.js';
import { MemoryLockEngine } from '../../drivers/memory/locks/memory-lock-engine.js';
import { CacheConfigError } from '../errors.js';
import { EventHub } from '../events/event-hub.js';
import { Leader, type LeaderOptions, type LeaderWork, type Mandate } from './leader.js';
import { Leaders } from './leaders.js';

function start() {
  const clock = new FakeClock();
  const engine = new MemoryLockEngine(clock);
  const failures: unknown[] = [];
  const mandates: (Mandate & { readonly by: string })[] = [];
  const untilAborted: LeaderWork = ({ signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
  /** A process that stands for the leadership. */
  const stand = (by: string, work = untilAborted) => {
    const locks = locksOver(engine, { clock });
    const noted: LeaderWork = (mandate) => {
      mandates.push({ ...mandate, by });
      return work(mandate);
    };
    return new Leader('reports', { work: noted }, { locks, clock, failed: (_name, error) => failures.push(error) });
  };
  /** As the service does it; the work ends with its signal. */
  const claimed: number[] = [];
  const claim = engine.claim.bind(engine);
  engine.claim = (asked) => {
    claimed.push(asked.ttl);
    return claim(asked);
  };
  const leaders = new Leaders({ locks: locksOver(engine, { clock }), clock, events: new EventHub() });
  const claims = {
    leaders,
    stand: (name: string, options?: LeaderOptions) => leaders.stand(name, untilAborted, options),
    ttls: () => claimed,
  };
  const pass = async (ms: number) => {
    await settle();
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(Math.min(left, 100));
      await settle();
    }
  };
  return { clock, engine, claims, stand, pass, failures, mandates, leaders: () => mandates.map(({ by }) => by) };
}

describe('leader election', () => {
  it('has one leader, for as long as it wants to', async () => {
    const { stand, pass, leaders } = start();
    const [a, b] = [stand('a'), stand('b')];
    await pass(200_000);
    expect(leaders()).toEqual(['a']);
    expect([a.isLeading, b.isLeading]).toEqual([true, false]);
    await Promise.all([a.stop(), b.stop()]);
  });

  it('hands over when the leader is stopped, after its work has ended, with a higher token', async () => {
    const { stand, pass, leaders, mandates } = start();
    const hold = gate();
    const a = stand('a', () => hold.promise);
    const b = stand('b');
    await pass(100);
    const stopping = a.stop();
    await pass(1_000);
    expect(mandates[0]?.signal.aborted).toBe(true);
    expect(a.isLeading).toBe(false);
    // Two would lead, if the next did not wait for what the first is still about.
    expect(leaders()).toEqual(['a']);
    hold.open();
    await stopping;
    await pass(1_000);
    expect(leaders()).toEqual(['a', 'b']);
    expect(mandates[1]?.token).toBeGreaterThan(mandates[0]?.token ?? 0n);
    await b.stop();
  });

  it('does not wait for ever for work that does not end, and does not give the leadership away then', async () => {
    const { stand, pass, leaders } = start();
    const a = stand('a', () => new Promise(() => undefined));
    const b = stand('b');
    await pass(100);
    let isStopped = false;
    void a.stop().then(() => (isStopped = true));
    await pass(5_000);
    expect(isStopped).toBe(true);
    await pass(100_000);
    expect(leaders()).toEqual(['a']);
    await b.stop();
  });

  it('stands again after the work has failed, and tells why', async () => {
    const { stand, pass, failures, leaders } = start();
    const error = new Error('work');
    const a = stand('a', () => Promise.reject(error));
    await pass(2_500);
    expect(failures.slice(0, 2)).toEqual([error, error]);
    expect(leaders().length).toBeGreaterThan(1);
    await a.stop();
    const before = leaders().length;
    await pass(10_000);
    expect(leaders()).toHaveLength(before);
  });

  it('is told when it is lost, and stands again', async () => {
    const { stand, pass, engine, mandates } = start();
    const a = stand('a');
    await pass(100);
    const extend = engine.extend.bind(engine);
    engine.extend = async () => undefined;
    await pass(10_000);
    expect(mandates[0]?.signal.aborted).toBe(true);
    expect(() => mandates[0]?.assertHeld()).toThrow('reports');
    engine.extend = extend;
    await pass(20_000);
    expect(a.isLeading).toBe(true);
    await a.stop();
  });

  it('stops at once while it only waits', async () => {
    const { stand, pass, leaders } = start();
    const [a, b] = [stand('a'), stand('b')];
    await pass(100);
    await b.stop();
    await a.stop();
    await pass(10_000);
    expect(leaders()).toEqual(['a']);
  });

  it('is missed for ten seconds at most when its ttl is not said, however that is written', async () => {
    const { claims, pass } = start();
    for (const [at, options] of [undefined, {}, { ttl: undefined }].entries()) {
      const leader = claims.stand(`reports-${at}`, options);
      await pass(100);
      await leader.stop();
    }
    expect(claims.ttls()).toEqual([10_000, 10_000, 10_000]);
  });

  it.each([
    [{ ttl: 'soon' as never }, 'ttl of a lock'],
    [{ ttl: 100 }, 'too short to be renewed'],
    [{ durability: 'eternal' as never }, 'durability of a lock'],
    [{ whenUndurable: 'shrug' as never }, 'whenUndurable of a lock'],
  ])('refuses %j at once', (options, message) => {
    const { claims, failures } = start();
    expect(() => claims.stand('reports', options)).toThrow(CacheConfigError);
    expect(() => claims.stand('reports', options)).toThrow(message);
    expect(() => claims.stand('')).toThrow('the name of a lock');
    expect(failures).toEqual([]);
  });

  it('is stopped once, and forgotten when its work has ended', async () => {
    const { claims, pass } = start();
    const stopped = vi.spyOn(Leader.prototype, 'stop');
    onTestFinished(() => stopped.mockRestore());
    const [gone, standing] = [claims.stand('a'), claims.stand('b')];
    await pass(100);
    await gone.stop();
    await settle();
    stopped.mockClear();
    await claims.leaders.stop();
    expect(stopped.mock.contexts).toEqual([standing]);
  });
});
