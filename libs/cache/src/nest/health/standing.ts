import { fillOf, isAway, type ServerAway, type ServerFigures } from '../../core/servers/server-figures.js';
import { answers, type CacheReport, type MemoryReport } from '../monitoring/cache-report.js';

/** `degraded`: it serves, and somebody should look. `down`: it does not do what it is for. */
export type Health = 'ok' | 'degraded' | 'down';

/** The standard's marks of memory: the first is a warning, the second critical. */
const WARNING = 0.75;
const CRITICAL = 0.9;

export type Details = Readonly<Record<string, unknown>>;

/** What an indicator says. */
export interface Standing {
  readonly health: Health;
  readonly details: Details;
}

const ORDER: readonly Health[] = ['ok', 'degraded', 'down'];

export function worst(...all: readonly Health[]): Health {
  return all.reduce((one, other) => (ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one), 'ok');
}

/** Of a memory that is full nothing is said but that: what was used least leaves first. */
function ofMemory({ bytes, limit, fill, entries }: MemoryReport): Details {
  return { entries, bytes, limit, fill: rounded(fill), mark: markOf(fill) };
}

function markOf(fill: number): 'ok' | 'warning' | 'critical' {
  if (fill > CRITICAL) return 'critical';
  return fill > WARNING ? 'warning' : 'ok';
}

const BY_MARK = { ok: 'ok', warning: 'degraded', critical: 'down' } as const;

function ofServer(server: ServerFigures | ServerAway): Standing {
  const { address } = server;
  if (isAway(server)) return { health: 'degraded', details: { address, away: server.away } };
  const fill = fillOf(server);
  const latency = rounded(server.latency);
  if (fill === undefined) return { health: 'ok', details: { address, latency } };
  const mark = markOf(fill);
  return { health: BY_MARK[mark], details: { address, latency, fill: rounded(fill), mark } };
}

/** Memory and Redis. */
export function ofLayers({ memory, redis }: CacheReport): Standing {
  if (redis === undefined) return { health: 'ok', details: { memory: ofMemory(memory) } };
  const servers = redis.servers.map(ofServer);
  const isThere = redis.state === 'ready' && redis.openBreakers.length === 0;
  return {
    health: worst(isThere ? 'ok' : 'degraded', ...servers.map(({ health }) => health)),
    details: {
      memory: ofMemory(memory),
      redis: {
        state: redis.state,
        ...(redis.reason === undefined ? {} : { reason: redis.reason }),
        openBreakers: redis.openBreakers,
        servers: servers.map(({ details }) => details),
      },
    },
  };
}

/** Whether this process hears what others change, and others what it changes. */
export function ofCoherence({ redis, recovery }: CacheReport): Standing {
  if (redis === undefined) return { health: 'ok', details: { embedded: true } };
  const { state, reason, delay, gaps } = redis.bus;
  const isWell = state === 'ready' && recovery.owed === 0;
  const bus = { state, ...(reason === undefined ? {} : { reason }), delay: delay && rounded(delay), gaps };
  return { health: isWell ? 'ok' : 'degraded', details: { bus, recovery } };
}

/** Locks and limits. */
export function ofCoordination({ redis, limits, locks }: CacheReport): Standing {
  const isThere = redis === undefined || answers(redis);
  const { store, reason } = limits;
  return {
    health: isThere && store === 'ready' ? 'ok' : 'degraded',
    details: {
      locks: { available: isThere, lost: locks.lost },
      limits: { store, ...(reason === undefined ? {} : { reason }) },
    },
  };
}

/** What the doctor last found. A fault in how Redis is set up takes nothing out of service. */
export function ofTopology({ topology }: CacheReport): Standing {
  if (topology === undefined) return { health: 'ok', details: { topology: 'unknown' } };
  const grave = topology.findings.filter(({ severity }) => severity === 'critical' || severity === 'warning');
  const findings = grave.map(({ id, severity, found, mend }) => ({ id, severity, found, mend }));
  const health = topology.severity === 'critical' ? 'degraded' : 'ok';
  return { health, details: { topology: topology.topology, findings } };
}

export function ofAlerts({ alerts }: CacheReport): Standing {
  const marks = alerts.map(({ severity }): Health => (severity === 'critical' ? 'down' : 'degraded'));
  const raised = alerts.map(({ name, severity, message }) => ({ name, severity, message }));
  return { health: worst(...marks), details: { raised } };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
