import { MemoryTagStore } from '../../libs/cache/src/drivers/memory/tags/memory-tag-store.js';
import { FakeClock } from '../support/core.js';
import { tagStoreContract } from './tag-store.contract.js';

const clock = new FakeClock();
let count = 0;

tagStoreContract({
  name: 'memory',
  open: (options) => new MemoryTagStore(clock, options),
  newCache: () => `cache-${++count}`,
  pass: (ms) => clock.advance(ms),
});
