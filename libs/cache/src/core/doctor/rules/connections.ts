import { numberAt, type Connection } from '../facts.js';
import { ofNode, ofRole, type Rule } from '../rule.js';

const LEAST_CLIENTS = 10_000;
const PER_CLIENT = 100;
const WARN_AT = 0.75;
const CRITICAL_AT = 0.9;

/** Who has most connections, of those that come from one host under one name. */
function most(connections: readonly Connection[]): readonly [string, number] {
  const counts = new Map<string, number>();
  for (const { host, name, flags } of connections) {
    // Links of replicas are no clients.
    if (/[SM]/.test(flags)) continue;
    const client = name === '' ? host : `${host} (${name})`;
    counts.set(client, (counts.get(client) ?? 0) + 1);
  }
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0] as const);
}

export const CONNECTIONS: readonly Rule[] = [
  ofNode(
    {
      id: 'client-limit',
      standard: `maxclients ${LEAST_CLIENTS} or more`,
      why: 'who comes when it is reached is refused: a deployment that doubles its processes for a minute, say.',
      asks: 'INFO clients',
    },
    ({ info, config }) => {
      const limit = numberAt(info, 'maxclients') ?? numberAt(config, 'maxclients');
      if (limit === undefined) return 'unknown';
      if (limit >= LEAST_CLIENTS) return 'fits';
      const mend = `CONFIG SET maxclients ${LEAST_CLIENTS}; it takes as many open files (ulimit -n)`;
      return { severity: 'warning', found: `${limit}`, mend };
    },
  ),
  ofNode(
    {
      id: 'client-fill',
      standard: 'fewer connections than 75 % of maxclients',
      why: 'the next process is refused when it is reached.',
      asks: 'INFO clients',
    },
    ({ info }) => {
      const there = numberAt(info, 'connected_clients');
      const limit = numberAt(info, 'maxclients');
      if (there === undefined || limit === undefined || limit === 0) return 'unknown';
      const fill = there / limit;
      if (fill <= WARN_AT) return 'fits';
      const mend = 'CLIENT LIST shows whose they are; raise maxclients';
      return { severity: fill > CRITICAL_AT ? 'critical' : 'warning', found: `${there} of ${limit}`, mend };
    },
  ),
  ofNode(
    {
      id: 'connections-per-client',
      standard: `at most ${PER_CLIENT} connections of one client`,
      why: 'a client that opens more leaks them, or is many processes on one host: then give them names of their own.',
      asks: 'CLIENT LIST',
    },
    ({ connections }) => {
      if (connections === undefined) return 'unknown';
      const [client, count] = most(connections);
      if (count <= PER_CLIENT) return 'fits';
      return { severity: 'warning', found: `${count} of ${client}`, mend: 'CLIENT LIST; lower protection.connections' };
    },
  ),
  ofNode(
    {
      id: 'refused-connections',
      standard: 'no connection was refused',
      why: 'some process found maxclients reached, and went without Redis.',
      asks: 'INFO stats',
    },
    ({ info }) => {
      const refused = info?.get('rejected_connections');
      if (refused === undefined) return 'unknown';
      if (refused === '0') return 'fits';
      return { severity: 'note', found: `${refused} since its start`, mend: 'CONFIG SET maxclients 10000' };
    },
  ),
  ofRole(
    'replica',
    {
      id: 'replica-reads',
      standard: 'primaries are read, replicas only stand by',
      why: 'a replica lags behind: a value just replaced comes back as the newest.',
      asks: 'CLIENT LIST',
    },
    ({ connections }) => {
      if (connections === undefined) return 'unknown';
      const readers = connections.filter(({ flags }) => flags.includes('r'));
      if (readers.length === 0) return 'fits';
      const hosts = [...new Set(readers.map(({ host }) => host))].join(', ');
      return { severity: 'note', found: `read from ${hosts} (READONLY)`, mend: "scaleReads: 'master' in that client" };
    },
  ),
];
