import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import type { Composition } from './composition.js';
import { ContextHoles } from './context/context-holes.js';
import type { CacheRuntime } from './plans/runtime.js';
import { CACHE_COMPOSITION, CACHE_RUNTIME } from './tokens.js';

/** Gives up what the application held, last of all. */
@Injectable()
export class CacheLifecycle implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(CACHE_COMPOSITION) private readonly composition: Composition,
    @Inject(ContextHoles) private readonly holes: ContextHoles,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
  ) {}

  beforeApplicationShutdown(): Promise<void> {
    return this.composition.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.runtime.isClosed = true;
    this.holes.close();
    await this.composition.close();
  }
}
