/** Processes that contend for one lock. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const WAITER = fileURLToPath(new URL('waiter.mjs', import.meta.url));

export async function start(count, { kind, nodes }) {
  const children = Array.from({ length: count }, () =>
    fork(WAITER, [JSON.stringify({ kind, nodes })], { execArgv: [] }),
  );
  const died = Promise.race(
    children.map(async (child) => {
      const [code] = await once(child, 'exit');
      throw new Error(`a process ended with code ${code}`);
    }),
  );
  died.catch(() => {});
  const answers = () =>
    Promise.race([Promise.all(children.map(async (child) => (await once(child, 'message'))[0])), died]);
  await answers();
  return {
    /** All of them at once; every hold, in the order of its beginning. */
    contend: async (order) => {
      const all = answers();
      for (const child of children) child.send(order);
      return (await all).flat().sort((a, b) => a.from - b.from);
    },
    end: async () => {
      for (const child of children) child.send('end');
      await Promise.all(children.map((child) => once(child, 'exit')));
    },
  };
}

/** What went wrong among holds in the order of their beginning. */
export function wrong(holds) {
  const pairs = holds.slice(1).map((hold, at) => [holds[at], hold]);
  return {
    overlaps: pairs.filter(([before, hold]) => hold.from < before.to - 0.5).length,
    inversions: pairs.filter(([before, hold]) => BigInt(hold.token) <= BigInt(before.token)).length,
  };
}
