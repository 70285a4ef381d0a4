import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { ContextHoles } from '../context/context-holes.js';
import { requestMiddleware } from '../context/request-middleware.js';
import type { CacheFeature, CacheModuleOptions } from '../options/cache-module-options.js';
import { CACHE_EXPORTS, cacheProviders } from './cache-providers.js';
import { featureModule, type CacheFeatureAsyncOptions } from './feature.module.js';
import { ASYNC_OPTIONS_TYPE, ConfigurableModuleClass } from './module-definition.js';

/** `useFactory`, `useClass` or `useExisting`, with `imports` and `inject`, as everywhere in Nest. */
export type CacheModuleAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/**
 * The cache of an application. Import `forRoot` once, in the root module: it is global. A wrong option fails the boot
 * with its path, the value and the remedy.
 *
 * @example
 * \@Module({ imports: [DatapunkCacheModule.forRoot({ service: 'shop' })] })
 * export class AppModule {}
 */
@Module({ providers: cacheProviders(), exports: CACHE_EXPORTS })
export class DatapunkCacheModule extends ConfigurableModuleClass implements NestModule {
  constructor(private readonly holes: ContextHoles) {
    super();
  }

  /** Once per application. */
  static override forRoot(options: CacheModuleOptions): DynamicModule {
    return super.forRoot(options);
  }

  /** Once per application, with options from a factory. */
  static override forRootAsync(options: CacheModuleAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }

  /** A named cache with rules of its own for the entities it owns; inject it with `@InjectCache(name)`. */
  static forFeature(name: string, options: CacheFeature = {}): DynamicModule {
    return featureModule(name, { useFactory: () => options });
  }

  /** The same, with options from a factory. */
  static forFeatureAsync(name: string, options: CacheFeatureAsyncOptions): DynamicModule {
    return featureModule(name, options);
  }

  /** Every HTTP request gets a context before anything else runs. */
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(requestMiddleware(this.holes)).forRoutes('*');
  }
}
