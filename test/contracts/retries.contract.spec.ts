import { MemoryRetryCoordinator } from '../../libs/cache/src/drivers/memory/retries/memory-retry-coordinator.js';
import { FakeClock } from '../support/core.js';
import { retriesContract } from './retries.contract.js';

retriesContract('memory', async () => {
  const clock = new FakeClock();
  let names = 0;
  return {
    coordinator: new MemoryRetryCoordinator(clock),
    pass: async (ms) => clock.advance(ms),
    fresh: () => `operation-${(names += 1)}`,
  };
});
