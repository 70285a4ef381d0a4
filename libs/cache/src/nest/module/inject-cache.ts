import { Inject } from '@nestjs/common';

/** The token of a named cache, for `app.get()`, factories and overrides in tests. */
export function getCacheToken(name: string): symbol {
  return Symbol.for(`DatapunkCacheModule.forFeature('${name}')`);
}

/**
 * Injects the `CacheService` of a named cache, which `DatapunkCacheModule.forFeature(name)` made.
 *
 * @example constructor(\@InjectCache('catalog') private readonly cache: CacheService) {}
 */
export function InjectCache(name: string): ParameterDecorator & PropertyDecorator {
  return Inject(getCacheToken(name));
}
