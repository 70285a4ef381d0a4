import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { CacheConfigError } from '../../core/errors.js';
import type { CacheEvent } from '../../core/events/cache-event.js';
import type { CacheEvents, Unsubscribe } from '../../core/events/event-hub.js';
import type { CacheMonitor } from '../monitoring/cache-monitor.js';
import type { CacheReport } from '../monitoring/cache-report.js';
import { SCRAPED, type Labels, type ScrapedMetric } from './scraped.js';
import { TOLD, type TellingWorld, type ToldMetric } from './told.js';

/** What metrics are made from. */
export interface CacheMetricsParts {
  readonly registry: Registry;
  readonly monitor: CacheMonitor;
  readonly events: CacheEvents;
  readonly bounded: TellingWorld['bounded'];
}

/** The metrics of one application in one registry. */
export class CacheMetrics {
  readonly #names: string[] = [];
  readonly #ends: Unsubscribe[] = [];
  #report: Promise<CacheReport> | undefined;

  /** @throws {CacheConfigError} where another application has its metrics in the registry. */
  constructor(private readonly parts: CacheMetricsParts) {
    const [{ name } = { name: '' }] = SCRAPED;
    if (parts.registry.getSingleMetric(name) !== undefined) throw twice();
    for (const metric of SCRAPED) this.#scrape(metric);
    for (const metric of TOLD) this.#tell(metric);
  }

  close(): void {
    for (const end of this.#ends) end();
    for (const name of this.#names) this.parts.registry.removeSingleMetric(name);
  }

  #scrape({ name, help, type, labels, read }: ScrapedMetric): void {
    const ours = this.#ours(name, help, labels);
    const reported = async (): Promise<CacheReport> => (this.#report ??= this.#newReport());
    if (type === 'counter') {
      const counter = new Counter({
        ...ours,
        collect: async () => {
          const values = read(await reported());
          counter.reset();
          for (const [of, value] of values) counter.inc({ ...of }, value);
        },
      });
      return;
    }
    const gauge = new Gauge({
      ...ours,
      collect: async () => {
        const values = read(await reported());
        gauge.reset();
        for (const [of, value] of values) gauge.set({ ...of }, value);
      },
    });
  }

  /** All metrics of a scrape are asked in one tick, and read the same report. */
  #newReport(): Promise<CacheReport> {
    return this.parts.monitor.report().finally(() => (this.#report = undefined));
  }

  #tell({ name, help, type, labels, buckets, tellings }: ToldMetric): void {
    const ours = this.#ours(name, help, labels);
    const record = type === 'counter' ? counting(new Counter(ours)) : observing(ours, buckets);
    const { monitor, bounded } = this.parts;
    const world: TellingWorld = { cacheOf: (key) => monitor.cacheOf(key), bounded };
    for (const telling of tellings) {
      const read = telling.read as (event: CacheEvent, world: TellingWorld) => ReturnType<typeof telling.read>;
      const end = this.parts.events.on(telling.type, (event) => {
        for (const [of, value] of read(event, world)) record(of, value);
      });
      this.#ends.push(end);
    }
  }

  #ours(name: string, help: string, labels: readonly string[]) {
    this.#names.push(name);
    return { name, help, labelNames: [...labels], registers: [this.parts.registry] };
  }
}

function twice(): CacheConfigError {
  return new CacheConfigError(
    'CacheMetricsModule: another application of this process has its metrics in this registry, and the figures of both would mix. Give each its own: forRoot({ registry: new Registry() }).',
  );
}

type Record = (labels: Labels, value: number) => void;

function counting(counter: Counter): Record {
  return (labels, value) => counter.inc({ ...labels }, value);
}

function observing(ours: ConstructorParameters<typeof Histogram>[0], buckets: readonly number[] = []): Record {
  const histogram = new Histogram({ ...ours, buckets: [...buckets] });
  return (labels, value) => histogram.observe({ ...labels }, value);
}
