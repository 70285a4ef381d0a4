import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard, type AccessOptions } from './access.js';
import { obtainServer } from './obtain-server.js';
import { freePorts, HOST } from './ports.js';
import { fields, list, text } from './reply.js';
import { RedisServer } from './server.js';
import { startStandalone } from './standalone.js';
import { eventually } from './wait.js';

export interface SentinelOptions extends AccessOptions {
  /** further settings of primary and replica, as on the command line of `redis-server` */
  readonly args?: readonly string[];
  /** default 3; a majority of them has to agree on a failover */
  readonly sentinels?: number;
  /** how long a server may be silent until it counts as down; default 500 ms */
  readonly downAfterMs?: number;
}

/** A primary and its replica under the eyes of sentinels. */
export class SentinelGroup {
  readonly name = 'lake';

  constructor(
    readonly servers: readonly RedisServer[],
    readonly sentinels: readonly RedisServer[],
  ) {}

  /** The server that the sentinels name; it fails while they name none of ours. */
  async primary(): Promise<RedisServer> {
    const port = await this.agreed();
    const server = this.servers.find((one) => one.port === port);
    if (!server) throw new Error(`the sentinels name port ${port}, which is none of ours`);
    return server;
  }

  /** Makes the replica the primary while both are well, and waits until it is. */
  async failover(): Promise<RedisServer> {
    const before = await this.primary();
    await eventually('a sentinel begins the failover', () => this.begin());
    return this.primaryOtherThan(before);
  }

  /** Waits until the sentinels have put another in the place of this primary. */
  primaryOtherThan(before: RedisServer): Promise<RedisServer> {
    return eventually('another primary writes', async () => {
      const now = await this.primary();
      return now !== before && (await isPrimary(now)) && now;
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server.stop()));
  }

  private async begin(): Promise<boolean> {
    const [sentinel] = this.sentinels.filter((one) => one.running);
    return (await sentinel?.call('SENTINEL', 'FAILOVER', this.name)) === 'OK';
  }

  /** The port on which all sentinels that run agree. */
  private async agreed(): Promise<number> {
    const running = this.sentinels.filter((one) => one.running);
    const answers = running.map((one) => one.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.name));
    const ports = new Set((await Promise.all(answers)).map((answer) => Number(list(answer)[1])));
    const [port, another] = ports;
    if (port === undefined || another !== undefined) throw new Error('the sentinels do not agree on a primary');
    return port;
  }
}

export async function startSentinel(options: SentinelOptions = {}): Promise<SentinelGroup> {
  const primary = await startStandalone(options);
  const replicaOf = ['--replicaof', `${HOST} ${primary.port}`];
  const replica = await startStandalone({ ...options, args: [...(options.args ?? []), ...replicaOf] });
  await eventually('the replica follows', async () => (await linkOf(replica)) === 'up');
  const ports = await freePorts(options.sentinels ?? 3);
  const members = ports.map((port) => ({ port, id: randomBytes(20).toString('hex') }));
  const sentinels = await Promise.all(
    members.map((member) => startOne(member, settingsOf([primary, replica], members, options))),
  );
  const group = new SentinelGroup([primary, replica], sentinels);
  await eventually('the sentinels know each other and the replica', () => settled(group));
  return group;
}

interface Member {
  readonly port: number;
  readonly id: string;
}

/**
 * What the sentinels would find out by themselves within seconds is told to them: each other and the replica.
 * `self` is left out of the list, which is made for each of them.
 */
function settingsOf(servers: readonly RedisServer[], members: readonly Member[], options: SentinelOptions) {
  const { downAfterMs = 500 } = options;
  const [primary, replica] = servers;
  const { username, password } = guard(options).login;
  const quorum = Math.floor(members.length / 2) + 1;
  return (self: Member): string[] => [
    `sentinel myid ${self.id}`,
    `sentinel monitor lake ${HOST} ${primary?.port} ${quorum}`,
    `sentinel down-after-milliseconds lake ${downAfterMs}`,
    'sentinel failover-timeout lake 3000',
    ...(username === undefined ? [] : [`sentinel auth-user lake ${username}`]),
    ...(password === undefined ? [] : [`sentinel auth-pass lake ${password}`]),
    `sentinel known-replica lake ${HOST} ${replica?.port}`,
    ...members.filter((one) => one !== self).map((one) => `sentinel known-sentinel lake ${HOST} ${one.port} ${one.id}`),
  ];
}

function startOne(self: Member, settings: (self: Member) => string[]): Promise<RedisServer> {
  return RedisServer.launch({
    binary: obtainServer(),
    port: self.port,
    args: (port, folder) => {
      const file = join(folder, 'sentinel.conf');
      writeFileSync(file, [`port ${port}`, `bind ${HOST}`, 'protected-mode no', ...settings(self), ''].join('\n'));
      return [file, '--sentinel'];
    },
  });
}

async function settled({ name, sentinels }: SentinelGroup): Promise<boolean> {
  const views = await Promise.all(sentinels.map((one) => seen(one, name)));
  return views.every(Boolean);
}

async function seen(sentinel: RedisServer, name: string): Promise<boolean> {
  const quorum = text(await sentinel.call('SENTINEL', 'CKQUORUM', name));
  const [replica] = list(await sentinel.call('SENTINEL', 'REPLICAS', name)).map(list);
  return quorum.startsWith('OK') && replica !== undefined && replica.includes('ok') && replica.includes('slave');
}

async function isPrimary(server: RedisServer): Promise<boolean> {
  return list(await server.call('ROLE'))[0] === 'master';
}

async function linkOf(server: RedisServer): Promise<string | undefined> {
  return fields(await server.call('INFO', 'replication')).get('master_link_status');
}
