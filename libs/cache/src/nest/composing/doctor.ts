import { examine } from '../../core/doctor/examine.js';
import type { Purpose } from '../../core/doctor/facts.js';
import type { DoctorReport } from '../../core/doctor/finding.js';
import { CacheConfigError } from '../../core/errors.js';
import type { Clock } from '../../core/shared/clock.js';
import { duration } from '../../core/shared/duration.js';
import type { Random } from '../../core/shared/random.js';
import { shown } from '../../core/shared/shown.js';
import { gather } from '../../drivers/redis/doctor/gather.js';
import type { ResolvedRedis } from '../../drivers/redis/resolved-redis.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import { CacheDoctor, type ExamineOptions } from '../services/cache-doctor.service.js';

interface Place {
  readonly clock: Clock;
  readonly random: Random;
}

const DEFAULT_PATIENCE = '2s';
const NOTHING: DoctorReport = Object.freeze({ severity: 'ok', topology: 'embedded', nodes: [], findings: [] });

/** The doctor of one application. */
export function doctorOf({ redis }: Pick<ResolvedOptions, 'redis'>, place: Place): CacheDoctor {
  return new RedisDoctor(redis, place);
}

class RedisDoctor extends CacheDoctor {
  constructor(
    private readonly redis: ResolvedRedis | undefined,
    private readonly place: Place,
  ) {
    super();
  }

  async examine({ purpose = 'data', patience = DEFAULT_PATIENCE }: ExamineOptions = {}): Promise<DoctorReport> {
    checkPurpose(purpose);
    const patienceMs = duration(patience, 'patience');
    if (patienceMs === 0) throw new CacheConfigError("patience: 0 is not valid: write more than 0, such as '2s'.");
    if (this.redis === undefined) return NOTHING;
    return examine(await gather(this.redis, { ...this.place, purpose, patienceMs }));
  }
}

function checkPurpose(purpose: Purpose): void {
  if (purpose === 'data' || purpose === 'coordination') return;
  throw new CacheConfigError(`purpose: ${shown(purpose)} is not valid: write 'data' or 'coordination'.`);
}
