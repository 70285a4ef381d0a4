import { MemoryLimitStore } from '../../libs/cache/src/drivers/memory/limits/memory-limit-store.js';
import { FakeClock } from '../support/core.js';
import { limitStoreContract } from './limit-store.contract.js';

const clock = new FakeClock();

limitStoreContract({
  name: 'memory',
  open: () => new MemoryLimitStore(clock),
  pass: (ms) => clock.advance(ms),
  span: 1_000,
});
