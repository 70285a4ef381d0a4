import type { DynamicModule, InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common';
import type { CacheFeature } from '../options/cache-module-options.js';
import { CacheService } from '../services/cache.service.js';
import { DatapunkCacheService } from '../services/datapunk-cache.service.js';
import { CACHE_RUNTIME } from '../tokens.js';
import { getCacheToken } from './inject-cache.js';
import { Features } from './features.js';

/** Options of a named cache from a factory. */
export interface CacheFeatureAsyncOptions {
  imports?: ModuleMetadata['imports'];
  inject?: (InjectionToken | OptionalFactoryDependency)[];
  // What `inject` brings has no type here, as in Nest's own factories.
  useFactory: (...args: never[]) => CacheFeature | Promise<CacheFeature>;
}

/** One module class for all named caches; Nest tells them apart by their providers. */
export class DatapunkCacheFeatureModule {}

export function featureModule(
  name: string,
  { imports = [], inject = [], useFactory }: CacheFeatureAsyncOptions,
): DynamicModule {
  const token = getCacheToken(name);
  const options = Symbol(`options of the cache '${name}'`);
  return {
    module: DatapunkCacheFeatureModule,
    imports,
    providers: [
      { provide: options, inject, useFactory },
      {
        provide: token,
        // The runtime is asked for only so that Nest names forRoot() when it was forgotten.
        inject: [CACHE_RUNTIME, options, Features, CacheService],
        useFactory: async (_runtime: unknown, feature: CacheFeature, features: Features, service: CacheService) => {
          await features.add(name, feature);
          // What a test has put in its place serves all.
          return service instanceof DatapunkCacheService ? service.named(name) : service;
        },
      },
    ],
    exports: [token],
  };
}
