import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Cache } from '../core/cache/cache.js';
import { ContextHoles } from './context/context-holes.js';
import type { CacheRuntime } from './plans/runtime.js';
import { CACHE_RUNTIME } from './tokens.js';

/** Gives up what the application held, last of all. */
@Injectable()
export class CacheLifecycle implements OnApplicationShutdown {
  constructor(
    @Inject(Cache) private readonly cache: Cache,
    @Inject(ContextHoles) private readonly holes: ContextHoles,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.runtime.isClosed = true;
    this.holes.close();
    await this.cache.close();
  }
}
