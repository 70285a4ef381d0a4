import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../libs/cache/src/core/events/cache-event.js';
import { ALERT_RULES } from '../../libs/cache/src/nest/monitoring/alert-rules.js';
import { SCRAPED } from '../../libs/cache/src/nest/metrics/scraped.js';
import { TOLD } from '../../libs/cache/src/nest/metrics/told.js';
import { eventsPage, metricsPage } from './support/reference.js';
import { ROOT } from './support/tree.js';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const PAGES: readonly (readonly [string, () => string])[] = [
  ['docs/metrics.md', metricsPage],
  ['docs/events.md', eventsPage],
];

describe('a page that is generated', () => {
  it.each(PAGES)('%s says what the code says', async (path, page) => {
    const file = join(ROOT, path);
    const text = await format(page(), { ...(await resolveConfig(file)), filepath: file });
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('of events has every type there is', () => {
    const page = eventsPage();
    expect(EVENT_TYPES.filter((type) => !page.includes(`| \`${type}\` |`))).toEqual([]);
  });
});

const NAMES = new Set([
  ...SCRAPED.map(({ name }) => name),
  ...TOLD.flatMap(({ name, type }) =>
    type === 'counter' ? [name] : [`${name}_bucket`, `${name}_sum`, `${name}_count`],
  ),
]);

describe('what is deployed', () => {
  it.each(['deploy/prometheus/alerts.yml', 'deploy/prometheus/alerts.test.yml', 'deploy/grafana/datapunk-cache.json'])(
    '%s asks for metrics that there are',
    (path) => {
      const asked = [...read(path).matchAll(/\bdatapunk_cache_\w+/g)].map(([name]) => name);
      expect(asked.length).toBeGreaterThan(10);
      expect([...new Set(asked)].filter((name) => !NAMES.has(name))).toEqual([]);
    },
  );

  it('has a runbook for every alert, in Prometheus or in the process', () => {
    const headings = new Set([...read('docs/operations.md').matchAll(/^### (\S+)$/gm)].map(([, name]) => name));
    const deployed = [...read('deploy/prometheus/alerts.yml').matchAll(/alert: ([a-z-]+) \}/g)].map(([, name]) => name);
    const all = new Set([...ALERT_RULES.map(({ name }) => name as string), ...deployed]);
    expect(all.size).toBeGreaterThan(10);
    expect([...all].filter((name) => !headings.has(name))).toEqual([]);
  });
});
