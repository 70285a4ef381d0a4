/** The other process: says when it has heard a message, or dropped a key from its memory. `hearer.mjs <url>` */
import { Redis } from 'ioredis';
import { processOf } from './process-of.mjs';

const [, , url] = process.argv;
const subscriber = new Redis(url);
const { cache } = await processOf(url);
const { hot } = cache.parts.store;
const told = (at) => process.send(String(at));

subscriber.on('message', () => told(process.hrtime.bigint()));
await subscriber.subscribe('bench');
const forget = hot.forget.bind(hot);
hot.forget = (key) => {
  forget(key);
  told(process.hrtime.bigint());
};

/** Has the key in memory, and says so. */
async function hold(key) {
  // What is loaded is on its way for a moment, and not kept at all if something happened to the key meanwhile.
  while (hot.peek(key) === undefined) {
    await cache.readThrough(key, async () => key);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  process.send('held');
}

process.on('message', (key) => void hold(key));
process.send('ready');
