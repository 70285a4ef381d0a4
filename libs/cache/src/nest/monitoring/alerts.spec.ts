import { describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../core/doctor/finding.js';
import type { CacheEvent } from '../../core/events/cache-event.js';
import type { ServerFigures } from '../../core/servers/server-figures.js';
import { Counts } from '../../core/statistics/counts.js';
import { statisticsOf } from '../../core/statistics/statistics-of.js';
import { Alerts } from './alerts.js';
import { Samples, type Sample } from './sample.js';

const LIMITS = { hitRatio: 0.8, memory: 0.9, evictions: 1_000 };
const MB = 1024 ** 2;

const server = (figures: Partial<ServerFigures>): ServerFigures => ({ address: '127.0.0.1:1', latency: 1, ...figures });

interface Counted extends Partial<Omit<Sample, 'statistics'>> {
  readonly hits?: number;
  readonly misses?: number;
}

function sample(seconds: number, { hits = 0, misses = 0, ...rest }: Counted = {}): Sample {
  const counts = new Counts(() => 'all');
  const tally = counts.of('any:1');
  tally.shared = hits;
  tally.misses = misses;
  return {
    at: seconds * 1_000,
    statistics: statisticsOf(counts),
    recovery: { owed: 0, recovered: 0, lost: 0 },
    servers: [],
    gaps: 0,
    locksLost: 0,
    compared: 0,
    stale: 0,
    awaySince: undefined,
    ...rest,
  };
}

/** What is raised after these samples, ten seconds apart. */
function raisedBy(...all: readonly Counted[]) {
  const events: CacheEvent[] = [];
  const alerts = new Alerts(LIMITS, { emit: (event) => events.push(event) });
  const samples = new Samples(300_000);
  for (const [at, counted] of all.entries()) {
    samples.add(sample(at * 10, counted));
    alerts.judge(samples);
  }
  return { names: alerts.raised.map(({ name }) => name), alerts, events };
}

const found = (severity: 'critical' | 'warning'): DoctorReport => {
  const finding = { id: 'eviction-policy', severity, nodes: [], standard: '', found: '', why: '' };
  return { severity, topology: 'cluster', nodes: [], findings: [finding] };
};

const evicting = (perSecond: number) =>
  Array.from({ length: 8 }, (_, at) => ({ servers: [server({ evictedKeys: at * 10 * perSecond })] }));

describe('an alert', () => {
  it.each<[string, readonly Counted[], readonly Counted[]]>([
    ['low-hit-ratio', [{}, { hits: 79, misses: 21 }], [{}, { hits: 80, misses: 20 }]],
    ['low-hit-ratio', [{ hits: 900 }, { hits: 900, misses: 100 }], [{}, { hits: 0, misses: 99 }]],
    ['high-evictions', evicting(1_001), evicting(1_000)],
    [
      'memory-filling',
      [{ servers: [server({ usedMemory: 76 * MB, maxMemory: 100 * MB })] }],
      [{ servers: [server({ usedMemory: 75 * MB, maxMemory: 100 * MB }), server({ usedMemory: MB, maxMemory: 0 })] }],
    ],
    [
      'high-memory',
      [{ servers: [server({ usedMemory: MB, maxMemory: 0 }), server({ usedMemory: 91 * MB, maxMemory: 100 * MB })] }],
      [{ servers: [server({ usedMemory: 90 * MB, maxMemory: 100 * MB })] }],
    ],
    ['redis-away', [{}, {}, {}, { awaySince: 15_000 }], [{}, {}, {}, { awaySince: 20_000 }]],
    ['topology', [{ topology: found('critical') }], [{ topology: found('warning') }, { topology: undefined }]],
    ['bus-gaps', [{ gaps: 1 }, { gaps: 7 }], [{ gaps: 1 }, { gaps: 6 }]],
    ['stale-hits', [{}, { compared: 100, stale: 2 }], [{}, { compared: 100, stale: 1 }]],
    ['stale-hits', [{}, { compared: 20, stale: 1 }], [{}, { compared: 19, stale: 1 }]],
    ['locks-lost', [{}, { locksLost: 1 }], [{ locksLost: 1 }, { locksLost: 1 }]],
    [
      'invalidations-owed',
      Array.from({ length: 7 }, () => ({ recovery: { owed: 2, recovered: 0, lost: 0 } })),
      [{}, ...Array.from({ length: 6 }, () => ({ recovery: { owed: 2, recovered: 0, lost: 0 } }))],
    ],
    ['invalidations-lost', [{}, { recovery: { owed: 0, recovered: 0, lost: 1 } }], [{}, {}]],
  ])('%s is raised past its limit, and not at it', (name, past, at) => {
    expect(raisedBy(...past).names).toContain(name);
    expect(raisedBy(...at).names).not.toContain(name);
  });

  it('is told once, says what is the matter, and is told to be over', () => {
    const bad = { hits: 10, misses: 190 };
    const { events, names } = raisedBy({}, bad, bad, { hits: 2_000, misses: 190 });
    expect(names).toEqual([]);
    expect(events).toEqual([
      {
        type: 'alert-raised',
        name: 'low-hit-ratio',
        severity: 'warning',
        value: 0.05,
        limit: 0.8,
        message: 'Of the reads 5.0 % were hits, less than 80.0 %.',
      },
      { type: 'alert-cleared', name: 'low-hit-ratio', severity: 'warning', ms: 20_000 },
    ]);
  });

  it('is over when what it was judged by leaves the window', () => {
    const all = [{}, { locksLost: 1 }, ...Array.from({ length: 31 }, () => ({ locksLost: 1 }))];
    expect(raisedBy(...all.slice(0, 30)).names).toEqual(['locks-lost']);
    expect(raisedBy(...all).names).toEqual([]);
  });

  it('of evictions counts a server that was started anew from then, and none that does not say', () => {
    const [first, last] = [{ servers: [server({ evictedKeys: 1e9 })] }, { servers: [server({ evictedKeys: 5 })] }];
    expect(raisedBy(first, last).names).toEqual([]);
    expect(raisedBy({ servers: [server({})] }, { servers: [server({ evictedKeys: 1e9 })] }).names).toEqual([]);
  });
});
