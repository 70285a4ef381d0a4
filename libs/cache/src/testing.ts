export { DatapunkCacheTestingModule } from './nest/testing/datapunk-cache-testing.module.js';
export { EventRecorder } from './nest/testing/event-recorder.js';
export { FakeClock } from './nest/testing/fake-clock.js';
