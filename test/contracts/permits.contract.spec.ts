import { MemoryPermits } from '../../libs/cache/src/drivers/memory/permits/memory-permits.js';
import { FakeClock } from '../support/core.js';
import { permitsContract } from './permits.contract.js';

permitsContract({
  name: 'memory',
  lease: 1_000,
  open: async () => {
    const clock = new FakeClock();
    const engine = new MemoryPermits(clock);
    return { engine, other: engine, pass: async (ms) => clock.advance(ms) };
  },
});
