/** Calls that lock scripts and their messages made of a server, without what runs inside a script. */
import { Redis } from 'ioredis';

const COUNTED = ['evalsha', 'eval', 'wait', 'subscribe'];

export async function commandsOf({ nodes }) {
  const client = new Redis(nodes[0]);
  const stats = await client.info('commandstats');
  client.disconnect();
  return COUNTED.reduce((sum, name) => {
    const [, calls = '0'] = new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats) ?? [];
    return sum + Number(calls);
  }, 0);
}
