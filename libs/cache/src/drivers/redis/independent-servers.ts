import { ANSWER_MS } from '../../core/layers/layer.js';
import type { Clock } from '../../core/shared/clock.js';
import { CacheConfigError, CacheConnectionError } from '../../core/errors.js';
import { connectRedis, type RedisContext } from './connect.js';
import type { RedisArgument } from './redis-client.js';
import type { ServerConnections } from './redis-connections.js';
import type { ResolvedRedis } from './resolved-redis.js';
import { within } from './within.js';

/** A server that has nothing to do with the others. */
export interface IndependentServer {
  /** For messages. */
  readonly address: string;
  call(command: string, ...args: RedisArgument[]): Promise<unknown>;
  /** Whether commands may be sent. */
  isReady(): boolean;
}

export interface IndependentServers {
  readonly servers: readonly IndependentServer[];
  readonly close: () => Promise<void>;
}

/**
 * Connections to servers whose votes count as those of different servers. A minority of them may be away, also now.
 * @throws {CacheConfigError} for nodes of a cluster or one server under two names.
 * @throws {CacheConnectionError} when most of them are away, or replicas. Nothing stays open behind either.
 */
export async function independentServers(
  nodes: readonly ResolvedRedis[],
  context: RedisContext,
): Promise<IndependentServers> {
  const lines = await connected(nodes, context);
  const close = async (): Promise<void> => {
    await Promise.all(lines.map((one) => one.close()));
  };
  try {
    await checkIndependence(lines, context.clock);
  } catch (error) {
    await close();
    throw error;
  }
  const servers = lines.map((one) => ({
    address: one.address,
    isReady: () => one.isReady(),
    call: (command: string, ...args: RedisArgument[]) => one.data.call(command, ...args),
  }));
  return { servers, close };
}

async function connected(nodes: readonly ResolvedRedis[], context: RedisContext): Promise<ServerConnections[]> {
  const tried = await Promise.allSettled(nodes.map((node) => connect(node, context)));
  const lines = tried.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const failed = tried.find((one) => one.status === 'rejected');
  if (failed === undefined) return lines;
  await Promise.all(lines.map((one) => one.close()));
  throw failed.reason;
}

/** One that is away is connected to later. So is a replica: nothing can be written to it. */
async function connect(node: ResolvedRedis, context: RedisContext): Promise<ServerConnections> {
  try {
    const lines = await connectRedis(node, context);
    if (lines.kind === 'standalone') return lines;
  } catch (error) {
    if (!(error instanceof CacheConfigError)) throw error;
    throw notIndependent(
      'host' in node ? `${node.host}:${node.port}` : 'one of them',
      'is no server of its own',
      error,
    );
  }
  throw new TypeError('a URL is one server');
}

async function checkIndependence(lines: readonly ServerConnections[], clock: Clock): Promise<void> {
  const present = lines.filter((one) => one.isReady());
  if (present.length * 2 <= lines.length) throw tooFew(lines);
  const seen = new Map<string, string>();
  for (const { address, data } of present) {
    const info = String(await within(clock, ANSWER_MS, data.call('INFO', 'server')));
    const id = /^run_id:(\w+)/m.exec(info)?.[1] ?? address;
    const twin = seen.get(id);
    if (twin !== undefined) throw notIndependent(address, `is the same server as ${twin}`);
    seen.set(id, address);
  }
}

function notIndependent(address: string, what: string, cause?: Error): CacheConfigError {
  return new CacheConfigError(
    `forRoot.locks.nodes: ${address} ${what}. Redlock counts votes of servers that fail independently: name primaries that have nothing to do with each other, or leave out engine: 'redlock'.`,
    { cause },
  );
}

function tooFew(nodes: readonly ServerConnections[]): CacheConnectionError {
  const away = nodes.filter((one) => !one.isReady()).map(({ address }) => address);
  return new CacheConnectionError(
    `forRoot.locks.nodes: most of ${nodes.length} servers have to be there, and ${away.join(', ')} cannot be reached. Start them or correct the addresses.`,
  );
}
