import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCRAPED } from '../../../libs/cache/src/nest/metrics/scraped.js';
import { TOLD } from '../../../libs/cache/src/nest/metrics/told.js';
import { ROOT } from './tree.js';

const EVENTS = 'libs/cache/src/core/events/cache-event.ts';

/** `| a | b |`, with what would end a cell escaped. */
function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const code = (text: string): string => `\`${text}\``;

/** docs/metrics.md, as the metrics say. */
export function metricsPage(): string {
  const all = [...SCRAPED, ...TOLD].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return [
    '# Metrics',
    '',
    '`CacheMetricsModule` of `@datapunk/cache/prometheus` registers these. No label holds a key; `rule` and `operation` have at most',
    '100 values each, later ones are `other`. `cache` is the named cache, `default` that of keys no named cache owns. Counts are of',
    'one process, but for those of a `server`, which are what that server of Redis says: take the `max` of them.',
    '',
    row('metric', 'type', 'labels', 'what'),
    row('---', '---', '---', '---'),
    ...all.map(({ name, type, labels, help }) => row(code(name), type, labels.map(code).join(', '), help)),
    '',
    'Generated from the code: `UPDATE_DOCS=1 npx vitest run --project architecture test/architecture/reference`.',
    '',
  ].join('\n');
}

interface Told {
  readonly type: string;
  readonly fields: string;
  readonly what: string;
}

/** The members of the union of events, with what is said of them. */
function eventsIn(source: string): Told[] {
  const [, union = ''] = /export type CacheEvent =\n([^]*?);\n\nexport type CacheEventType/.exec(source) ?? [];
  const members = union.matchAll(/\/\*\*(?<doc>[^]*?)\*\/\s*\| (?<body>\(?\{[^]*?)(?=\n {2}\/\*\* |\n {2}\/\*\*\n|$)/g);
  return [...members].map(({ groups = {} }) => {
    const { doc = '', body = '' } = groups;
    const [, type = ''] = /readonly type: '([^']+)'/.exec(body) ?? [];
    const plain = body.replaceAll(/\/\*\*[^]*?\*\//g, '');
    const fields = [...plain.matchAll(/readonly (\w+\??):/g)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'type');
    if (/& Alert\b/.test(plain)) fields.push('name', 'severity', 'value', 'limit', 'message');
    return { type, fields: fields.map(code).join(', '), what: doc.replaceAll(/\s*\n?\s*\* ?/g, ' ').trim() };
  });
}

/** docs/events.md, as the union of events says. */
export function eventsPage(): string {
  const events = eventsIn(readFileSync(join(ROOT, EVENTS), 'utf8'));
  return [
    '# Events',
    '',
    "Inject `CacheEvents` and listen: `events.on('stale-served', ({ key, reason }) => …)`. A listener is called at once; what it throws is",
    'dropped. An event that nobody listens to costs next to nothing; `hit` costs every hit while somebody does. `key` is a full key.',
    '',
    row('event', 'holds', 'what'),
    row('---', '---', '---'),
    ...events.map(({ type, fields, what }) => row(code(type), fields, what)),
    '',
    'Generated from the code: `UPDATE_DOCS=1 npx vitest run --project architecture test/architecture/reference`.',
    '',
  ].join('\n');
}
