import { Module, type INestApplicationContext, type ModuleMetadata, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { onTestFinished } from 'vitest';
import { DatapunkCacheModule, type CacheModuleOptions } from '@datapunk/cache';

type Parts = Pick<ModuleMetadata, 'imports' | 'controllers' | 'providers'>;

/** Closes at the end of the test what the test opened. */
export function closeAfterwards<T extends { close(): Promise<void> }>(app: T): T {
  onTestFinished(() => app.close());
  return app;
}

/** A root module with the cache and these parts. */
export function rootModule(parts: Parts = {}, options: Partial<CacheModuleOptions> = {}): new () => object {
  class AppModule {}
  const cache = DatapunkCacheModule.forRoot({ service: 'lake', ...options });
  Module({ ...parts, imports: [cache, ...(parts.imports ?? [])] })(AppModule);
  return AppModule;
}

/** A booted application without HTTP. */
export async function boot(
  providers: Provider[],
  options: Partial<CacheModuleOptions> = {},
  parts: Parts = {},
): Promise<INestApplicationContext> {
  const root = rootModule({ ...parts, providers: [...providers, ...(parts.providers ?? [])] }, options);
  return closeAfterwards(await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false }));
}
