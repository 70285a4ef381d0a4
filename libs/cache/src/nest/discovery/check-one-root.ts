import type { ModulesContainer } from '@nestjs/core';
import { CacheConfigError } from '../../core/errors.js';
import { CACHE_RUNTIME } from '../tokens.js';

/**
 * The root module is told by what only it provides, so that a test's stand-in counts as well.
 * @throws {CacheConfigError} when it is imported twice.
 */
export function checkOneRoot(modules: ModulesContainer): void {
  const roots = [...modules.values()].filter(({ providers }) => providers.has(CACHE_RUNTIME));
  if (roots.length <= 1) return;
  throw new CacheConfigError(
    'DatapunkCacheModule.forRoot() is imported twice. It is global: import it once, in the root module, and use forFeature(name) for further rules.',
  );
}
