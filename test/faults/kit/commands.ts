import { Redis } from 'ioredis';
import { inject } from 'vitest';

/** What a cache asks of Redis for reads and fills; what scripts call inside is not among them. */
const ASKED = /^cmdstat_(?:mget|evalsha|eval):calls=(\d+)/gm;

/** How many commands the caches of all processes have sent to the servers that all specs share: the rest must be quiet. */
export async function commandsOf(place: string): Promise<number> {
  const { standalone, cluster } = inject('redis');
  const nodes = place === 'Cluster' ? cluster.map(({ host, port }) => new Redis(port, host)) : [new Redis(standalone)];
  try {
    const said = await Promise.all(nodes.map((node) => node.info('commandstats')));
    let sum = 0;
    for (const [, calls] of said.join('\n').matchAll(ASKED)) sum += Number(calls);
    return sum;
  } finally {
    for (const node of nodes) node.disconnect();
  }
}
