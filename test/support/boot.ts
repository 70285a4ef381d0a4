import { Module, type INestApplicationContext, type ModuleMetadata, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { onTestFinished } from 'vitest';
import { DatapunkCacheModule, type CacheModuleOptions } from '@datapunk/cache';
import { backend, backendOptions, isShared, SERVICE } from './backends.js';
import { NoMemory } from './memory.js';

type Parts = Pick<ModuleMetadata, 'imports' | 'controllers' | 'providers'>;

/** Closes at the end of the test what the test opened. */
export function closeAfterwards<T extends { close(): Promise<void> }>(app: T): T {
  onTestFinished(() => app.close());
  return app;
}

/** A root module with the cache, over the backend of this run unless the options say another, and these parts. */
export function rootModule(parts: Parts = {}, options: Partial<CacheModuleOptions> = {}): new () => object {
  class AppModule {}
  const { imports = [], controllers = [], providers = [] } = parts;
  const cache = DatapunkCacheModule.forRoot({ service: SERVICE, ...backendOptions(), ...options, ...patient(options) });
  const state = backend === 'cold' && !('redis' in options) ? [NoMemory] : [];
  Module({ imports: [cache, ...imports], controllers, providers: [...providers, ...state] })(AppModule);
  return AppModule;
}

/** What a busy machine makes late is no outage: those have tests of their own. */
function patient({
  limits,
  protection,
}: Partial<CacheModuleOptions>): Pick<CacheModuleOptions, 'limits' | 'protection'> {
  const patience = '1s';
  return isShared ? { limits: { patience, ...limits }, protection: { patience, ...protection } } : {};
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
