import type { Ticks } from '../../core/cache/batched.js';
import { currentRequest } from './request-store.js';

/** A tick ends when all promises that are settled by then have run what follows; those of one request belong together. */
export const requestTicks: Ticks = {
  after: (task) => void Promise.resolve().then(() => process.nextTick(task)),
  group: currentRequest,
};
