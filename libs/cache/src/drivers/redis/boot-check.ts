import type { Random } from '../../core/shared/random.js';
import type { ConnectionLimit } from './connection-limit.js';
import type { DataClient } from './data-client.js';
import type { Failure } from './failure.js';
import { checkPermissions } from './permission-check.js';
import type { RedisNode } from './redis-client.js';
import { checkCluster, checkServer } from './server-check.js';

export interface BootCheckParts {
  readonly service: string;
  readonly foreignServices: readonly string[];
  readonly random: Random;
  readonly limit: ConnectionLimit;
  readonly tracking: boolean;
  /** A fresh connection for subscriptions. */
  readonly carrier: () => RedisNode | undefined;
}

/** Whether the server is what the options say, and lets us do all we need. */
export async function bootCheck(data: DataClient, parts: BootCheckParts): Promise<Failure | undefined> {
  const { service, foreignServices, random, tracking, carrier } = parts;
  const isOneServer = data.kind === 'standalone';
  const failure = await (isOneServer ? checkServer(data.client) : checkCluster(data.client, parts));
  if (failure !== undefined) return failure;
  const { username, db } = nodesOf(data)[0]?.options ?? {};
  return checkPermissions(data.client, {
    service,
    foreignServices,
    random,
    isOneServer,
    tracking,
    db: isOneServer ? (db ?? 0) : 0,
    carrier: carrier(),
    username: username ?? 'default',
  });
}

/** The connections that a client holds. */
export function nodesOf({ kind, client }: DataClient): readonly RedisNode[] {
  return kind === 'standalone' ? [client] : client.nodes();
}
