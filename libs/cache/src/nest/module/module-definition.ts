import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { CacheModuleOptions } from '../options/cache-module-options.js';
import { CACHE_OPTIONS } from '../tokens.js';

export const { ConfigurableModuleClass, ASYNC_OPTIONS_TYPE } = new ConfigurableModuleBuilder<CacheModuleOptions>({
  optionsInjectionToken: CACHE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createCacheOptions')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();
