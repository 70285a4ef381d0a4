import type { KeySample } from '../../../core/doctor/facts.js';
import type { RedisNode } from '../redis-client.js';

/** How many keys of a node are looked at, at most. */
const MOST_KEYS = 1_000;
/** Of SCAN: so many slots of the table each, so that the server is not kept, and the way is not gone often. */
const STEP = 500;
const MOST_STEPS = 4;

const VALUE = /^(?:app:|\{app:)/;
const OURS = /^\{?(?:app|mesh|coord):/;

/** Looks at some keys, and whether they have a lifetime; never at a value. */
export async function sampleKeys(node: Pick<RedisNode, 'call'>): Promise<KeySample> {
  const keys = await someKeys(node);
  const left = await Promise.all(keys.map((key) => node.call('PTTL', key)));
  const lasting = keys.filter((key, at) => left[at] === -1 && (VALUE.test(key) || !OURS.test(key)));
  const foreign = keys.filter((key) => !OURS.test(key));
  return {
    seen: keys.length,
    lasting: lasting.length,
    lastingExample: lasting[0] ?? '',
    foreign: foreign.length,
    foreignExample: foreign[0] ?? '',
  };
}

async function someKeys(node: Pick<RedisNode, 'call'>): Promise<readonly string[]> {
  const keys = new Set<string>();
  let cursor = '0';
  for (let step = 0; step < MOST_STEPS && keys.size < MOST_KEYS; step += 1) {
    const [next, found] = (await node.call('SCAN', cursor, 'COUNT', STEP)) as [string, string[]];
    for (const key of found) keys.add(key);
    cursor = next;
    if (cursor === '0') break;
  }
  return [...keys].slice(0, MOST_KEYS);
}
