import { Logger } from '@nestjs/common';
import type { CacheParts } from '../../core/cache/parts.js';

/**
 * Whether what processes share can keep the strict promise, where somebody relies on it.
 * @throws {CacheConfigError} where Redis cannot. One that does not answer yet is asked by the calls.
 */
export async function checkStrictPlace({ rules, fleet }: Pick<CacheParts, 'rules' | 'fleet'>): Promise<void> {
  if (!rules.isStrict) return;
  if (fleet !== undefined) return fleet.strict.check();
  if (process.env.NODE_ENV !== 'production') return;
  new Logger('DatapunkCache').warn(
    "Level 'strict' is used without Redis: each process keeps it for itself. Give forRoot({ redis }) where more than one runs.",
  );
}
