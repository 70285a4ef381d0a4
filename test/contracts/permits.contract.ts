import { describe, expect, it } from 'vitest';
import type { PermitAnswer, PermitEngine, PermitRequest } from '../../libs/cache/src/core/locks/permit-engine.js';

/** An engine, and the time it goes by. */
export interface OpenedPermits {
  readonly engine: PermitEngine;
  /** Another process on the same permits; the same engine where there is no other. */
  readonly other: PermitEngine;
  /** Lets this much time pass: a fake clock is moved, a real one is waited for. */
  readonly pass: (ms: number) => Promise<void>;
}

export interface PermitSubject {
  readonly name: string;
  readonly open: () => Promise<OpenedPermits>;
  /** A lease of the tests, ms: long enough that the commands of one test do not take as long. */
  readonly lease: number;
}

let names = 0;

export function permitsContract({ name: place, open, lease }: PermitSubject): void {
  describe(`permits in ${place}`, () => {
    /** A name of its own, with so many permits. */
    async function opened(capacity: number) {
      const place = await open();
      const name = `contract-${process.pid}-${Math.floor(performance.timeOrigin)}-${(names += 1)}`;
      const ask = (owner: string, request: Partial<PermitRequest> = {}, engine = place.engine) =>
        engine.acquire({ name, owner, weight: 1, capacity, ttl: lease, place: 0, above: 0n, ...request });
      const waits = (owner: string, weight = 1, engine = place.engine) =>
        ask(owner, { weight, place: 10 * lease }, engine);
      const [a, b, c, d] = Array.from({ length: 4 }, () => place.engine.newOwner()) as [string, string, string, string];
      return { ...place, name, ask, waits, a, b, c, d };
    }

    const token = (answer: PermitAnswer) => (answer.granted ? answer.token : -1n);
    const granted = (answer: PermitAnswer) => answer.granted;

    it('are as many as there are', async () => {
      const { ask, a, b, c } = await opened(2);
      expect(granted(await ask(a))).toBe(true);
      expect(granted(await ask(b))).toBe(true);
      const refused = await ask(c);
      expect(refused).toMatchObject({ granted: false });
      expect(refused.granted ? 0 : refused.retryIn).toBeGreaterThan(0);
      expect(refused.granted ? 0 : refused.retryIn).toBeLessThanOrEqual(lease);
    });

    it('have tokens that rise from holder to holder, also above what the caller has seen', async () => {
      const { engine, name, ask, a, b, c } = await opened(2);
      const first = token(await ask(a));
      const second = token(await ask(b));
      expect(second).toBeGreaterThan(first);
      await engine.release(name, a);
      await engine.release(name, b);
      const third = token(await ask(c, { above: second + 1_000_000_000n }));
      expect(third).toBeGreaterThan(second + 1_000_000_000n);
    });

    it('are granted once to one owner, who keeps its token when it asks again', async () => {
      const { ask, a, b } = await opened(2);
      const first = token(await ask(a));
      expect(token(await ask(a))).toBe(first);
      expect(granted(await ask(b))).toBe(true);
    });

    it('are free again when they are given back, once', async () => {
      const { engine, name, ask, a, b, c } = await opened(1);
      await ask(a);
      await engine.release(name, a);
      expect(granted(await ask(b))).toBe(true);
      await engine.release(name, a);
      expect(granted(await ask(c))).toBe(false);
    });

    it('are free again when their lease is over, and then not renewed', async () => {
      const { engine, name, ask, pass, a, b } = await opened(1);
      await ask(a);
      await pass(lease + 1);
      expect(await engine.renew(name, a, lease)).toBeUndefined();
      expect(granted(await ask(b))).toBe(true);
      expect(await engine.renew(name, a, lease)).toBeUndefined();
    });

    it('stay with a holder that renews', async () => {
      const { engine, name, ask, pass, a, b } = await opened(1);
      await ask(a);
      expect(await engine.renew(name, a, 4 * lease)).toBeTypeOf('number');
      await pass(2 * lease);
      expect(granted(await ask(b))).toBe(false);
      expect(await engine.renew(name, a, lease)).toBeTypeOf('number');
    });

    it('weigh what they weigh', async () => {
      const { engine, name, ask, a, b, c } = await opened(5);
      expect(granted(await ask(a, { weight: 3 }))).toBe(true);
      expect(granted(await ask(b, { weight: 3 }))).toBe(false);
      expect(granted(await ask(c, { weight: 2 }))).toBe(true);
      await engine.release(name, a);
      expect(granted(await ask(b, { weight: 3 }))).toBe(true);
    });

    it('go to who came first, and nobody passes one that does not fit yet', async () => {
      const { engine, name, waits, a, b, c, d } = await opened(4);
      await waits(a, 1);
      expect(granted(await waits(b, 4))).toBe(false);
      // It would fit, and would keep the writer before it waiting for ever.
      expect(granted(await waits(c, 1))).toBe(false);
      await engine.release(name, a);
      expect(granted(await waits(c, 1))).toBe(false);
      expect(granted(await waits(b, 4))).toBe(true);
      await engine.release(name, b);
      expect(granted(await waits(d, 1))).toBe(true);
      expect(granted(await waits(c, 1))).toBe(true);
    });

    it('forget who does not ask again, and who leaves the queue', async () => {
      const { engine, name, ask, waits, pass, a, b, c, d } = await opened(2);
      await ask(a, { ttl: 20 * lease });
      await ask(b, { weight: 2, place: lease });
      await waits(c, 2);
      expect(granted(await ask(d))).toBe(false);
      await pass(lease + 1);
      await engine.release(name, c);
      expect(granted(await ask(d))).toBe(true);
    });

    it('keep the place of who asks again', async () => {
      const { engine, name, ask, waits, pass, a, b, c } = await opened(1);
      await ask(a, { ttl: 20 * lease });
      await ask(b, { place: lease });
      await ask(b, { place: 10 * lease });
      await waits(c);
      await pass(lease + 1);
      await engine.release(name, a);
      expect(granted(await waits(c))).toBe(false);
      expect(granted(await waits(b))).toBe(true);
    });

    it('are offered to those who fit now, in whatever process, and to nobody else', async () => {
      const { engine, other, name, ask, waits, pass, a, c } = await opened(2);
      const far = other.newOwner();
      const heard = new Set<string>();
      other.onOffer(far, () => heard.add('far'));
      engine.onOffer(c, () => heard.add('c'));
      await ask(a, { weight: 2, ttl: 20 * lease });
      await waits(far, 2, other);
      await waits(c, 1);
      // Who begins to listen is told once, because an offer may have been before.
      await pass(lease);
      heard.clear();
      await engine.release(name, a);
      await pass(lease);
      expect(heard).toEqual(new Set(['far']));
    });

    it('never are more than there are, whoever does what in whatever order', async () => {
      const { engine, other, name, ask } = await opened(5);
      let used = 0;
      let most = 0;
      let runs = 0;
      const work = async (weight: number, at: PermitEngine) => {
        for (let turn = 0; turn < 5; turn += 1) {
          const owner = at.newOwner();
          let answer = await ask(owner, { weight, place: 50 * lease, ttl: 50 * lease }, at);
          while (!answer.granted) {
            await new Promise((resolve) => {
              setImmediate(resolve);
            });
            answer = await ask(owner, { weight, place: 50 * lease, ttl: 50 * lease }, at);
          }
          used += weight;
          most = Math.max(most, used);
          await Promise.resolve();
          used -= weight;
          runs += 1;
          await at.release(name, owner);
        }
      };
      await Promise.all([1, 2, 3, 5, 1, 2, 4].map((weight, at) => work(weight, at % 2 === 0 ? engine : other)));
      expect(runs).toBe(35);
      expect(most).toBeLessThanOrEqual(5);
      expect(used).toBe(0);
    });
  });
}
