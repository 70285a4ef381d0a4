import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examine } from '../../../../libs/cache/src/core/doctor/examine.js';
import type { Purpose } from '../../../../libs/cache/src/core/doctor/facts.js';
import type { DoctorReport, Finding } from '../../../../libs/cache/src/core/doctor/finding.js';
import type { Clock } from '../../../../libs/cache/src/core/shared/clock.js';
import { SystemClock } from '../../../../libs/cache/src/core/shared/system-clock.js';
import { gather } from '../../../../libs/cache/src/drivers/redis/doctor/gather.js';
import { resolveRedis } from '../../../../libs/cache/src/drivers/redis/resolve-redis.js';
import type { RedisOption } from '../../../../libs/cache/src/drivers/redis/redis-option.js';

export const DEPLOY = join(__dirname, '../../../../deploy/redis');

interface Examining {
  readonly purpose?: Purpose;
  readonly patienceMs?: number;
  readonly clock?: Clock;
}

/** What the doctor says of these servers. */
export async function examined(redis: RedisOption, options: Examining = {}): Promise<DoctorReport> {
  const { purpose = 'data', patienceMs = 5_000, clock = new SystemClock() } = options;
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error('no servers to examine');
  return examine(await gather(resolved, { clock, random: () => 0, purpose, patienceMs }));
}

/** Everything but what is as it should be, as `id severity`. */
export function complaints({ findings }: DoctorReport): string[] {
  return findings.filter(({ severity }) => severity !== 'ok').map(({ id, severity }) => `${id} ${severity}`);
}

export function finding({ findings }: DoctorReport, id: string): Finding | undefined {
  return findings.find((one) => one.id === id);
}

/** A configuration of `deploy/redis` as words of a command line, but for the port, which tests choose. */
export function shipped(file: string): string[] {
  return readFileSync(join(DEPLOY, file), 'utf8')
    .split('\n')
    .filter(
      (line) => line.trim() !== '' && !line.startsWith('#') && !/^(?:port|cluster-(?:enabled|config-file)) /.test(line),
    )
    .flatMap((line) => {
      const [name = '', ...values] = line.split(' ');
      return [`--${name}`, ...values];
    });
}
