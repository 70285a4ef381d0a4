import type { RedisNode } from './redis-client.js';

/** What a server says of itself; '' where it does not let us ask. */
export async function infoOf(node: Pick<RedisNode, 'call'>, section: 'memory' | 'replication'): Promise<string> {
  try {
    return String(await node.call('INFO', section));
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return '';
    throw error;
  }
}

/** The policy by which a server evicts, where it is such a one and the server has a limit to evict at. */
export function evictionPolicy(memory: string, such: RegExp): string | undefined {
  const [, policy = ''] = /^maxmemory_policy:(\S+)/m.exec(memory) ?? [];
  return such.test(policy) && !/^maxmemory:0\b/m.test(memory) ? policy : undefined;
}
