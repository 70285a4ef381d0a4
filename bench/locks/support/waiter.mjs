/** A process that waits for locks: `waiter.mjs <servers as JSON>`; does what its parent says. */
import { setTimeout as sleep } from 'node:timers/promises';
import { locksOf } from './application.mjs';

const { locks, close } = await locksOf(JSON.parse(process.argv[2]));

/** Waits `waiters` times at once for one lock and holds it for `hold` ms; when each held it, ms since the epoch. */
async function contend({ name, waiters, hold }) {
  const held = [];
  await Promise.all(
    Array.from({ length: waiters }, () =>
      locks.run(
        name,
        async ({ token }) => {
          const from = performance.timeOrigin + performance.now();
          await sleep(hold);
          held.push({ token: String(token), from, to: performance.timeOrigin + performance.now() });
        },
        { wait: '60s', durability: 'local' },
      ),
    ),
  );
  return held;
}

async function obey(order) {
  if (order !== 'end') return process.send(await contend(order));
  await close();
  process.exit();
}

process.on('message', (order) => void obey(order));
process.send('ready');
