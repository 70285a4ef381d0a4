import { Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from '../../libs/cache/src/nest/plans/runtime.js';
import { CACHE_RUNTIME } from '../../libs/cache/src/nest/tokens.js';

/** Lets the memory of an application keep nothing, from the beginning; all else is as it is for users. */
@Injectable()
export class NoMemory {
  constructor(@Inject(CACHE_RUNTIME) { parts }: CacheRuntime) {
    parts.cache.parts.store.hot.store = () => 'stored';
  }
}
