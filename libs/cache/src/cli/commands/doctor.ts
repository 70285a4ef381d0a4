import { parseArgs } from 'node:util';
import { examine } from '../../core/doctor/examine.js';
import type { Purpose } from '../../core/doctor/facts.js';
import type { DoctorReport } from '../../core/doctor/finding.js';
import { CacheError } from '../../core/errors.js';
import { duration } from '../../core/shared/duration.js';
import { SystemClock } from '../../core/shared/system-clock.js';
import { gather } from '../../drivers/redis/doctor/gather.js';
import { UsageError, type Command } from '../command.js';
import { redisAt } from '../redis-at.js';
import { reportText } from './doctor-text.js';

const HELP = `Compares a running Redis with the standard, value by value. It changes nothing.

Usage: datapunk-cache doctor --redis <address> [options]

  --redis <address>    redis://user:password@host:6379, rediss://… for TLS, host:port,
                       or several nodes of a cluster: host:port,host:port.
                       Default: the variable REDIS_URL. Other nodes of a cluster are found.
  --for <purpose>      data (the default), or coordination: servers for locks and limits alone
  --patience <time>    how long one node is waited for: 500ms, 2s (the default)
  --json               the report as JSON
  --all                also what is as it should be
  --help               this text

Exit code: 0 nothing to mend, 1 a warning, 2 something critical, 64 wrong options.
What the servers refuse to say is "unknown" and does not count.
`;

const EXIT_CODES: Readonly<Record<DoctorReport['severity'], number>> = { ok: 0, note: 0, warning: 1, critical: 2 };

const OPTIONS = {
  redis: { type: 'string' },
  for: { type: 'string' },
  patience: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
} as const;

export const doctor: Command = {
  name: 'doctor',
  summary: 'compares a running Redis with the standard',
  help: HELP,
  async run(words, { screen, env }) {
    const given = parsed(words);
    const redis = redisAt(given.redis ?? env.REDIS_URL);
    const purpose = purposeOf(given.for ?? 'data');
    const patienceMs = patienceOf(given.patience ?? '2s');
    const facts = await gather(redis, { clock: new SystemClock(), random: () => 0, purpose, patienceMs });
    const report = examine(facts);
    screen.out(
      given.json === true
        ? `${JSON.stringify(report, undefined, 2)}\n`
        : reportText(report, {
            isColoured: screen.isColoured,
            isAll: given.all === true,
          }),
    );
    return EXIT_CODES[report.severity];
  },
};

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function purposeOf(text: string): Purpose {
  if (text === 'data' || text === 'coordination') return text;
  throw new UsageError(`--for: '${text}' is not valid: write data or coordination.`);
}

function patienceOf(text: string): number {
  try {
    const ms = duration(text, '--patience');
    if (ms > 0) return ms;
  } catch (error) {
    if (error instanceof CacheError) throw new UsageError(error.message);
    throw error;
  }
  throw new UsageError('--patience: write more than 0, such as 2s.');
}
