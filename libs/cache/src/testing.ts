export { DatapunkCacheTestingModule } from './nest/testing/datapunk-cache-testing.module.js';
export { CacheFaults } from './nest/testing/faults/cache-faults.js';
export type { BusFaults } from './nest/testing/faults/bus-faults.js';
export type { EndFault, FaultOptions, LayerFaultOptions } from './nest/testing/faults/fault-options.js';
export type { MemoryFaults, SharedFaults } from './nest/testing/faults/layer-faults.js';
export { EventRecorder } from './nest/testing/event-recorder.js';
export { FakeClock } from './nest/testing/fake-clock.js';
