import { describe } from 'vitest';
import { MemoryLockEngine } from '../../libs/cache/src/drivers/memory/locks/memory-lock-engine.js';
import { FakeClock } from '../support/core.js';
import { jointLocksContract } from './joint-locks.contract.js';
import { lockEngineContract } from './lock-engine.contract.js';

describe('locks in memory', () => {
  const open = async () => {
    const clock = new FakeClock();
    clock.advance(Date.now() - clock.now());
    const engine = new MemoryLockEngine(clock);
    return { one: engine, other: engine, pass: async (ms: number) => clock.advance(ms) };
  };
  lockEngineContract(open);
  jointLocksContract(open);
});
