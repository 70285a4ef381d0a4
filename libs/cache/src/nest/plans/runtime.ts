import { buildPipeline } from './pipeline.js';
import type { MethodPlan } from './method-plan.js';
import type { RuntimeParts, Stage } from './stage.js';

/** What the decorated methods of one application run on. */
export class CacheRuntime {
  /** By the plan's index, so that a call finds its stage without a look-up. */
  readonly stages: (Stage | undefined)[] = [];
  /** Its application has shut down: instances that outlive it may be bound to the next. */
  isClosed = false;

  constructor(readonly parts: RuntimeParts) {}

  /**
   * Builds a plan's pipeline on its first call.
   * @throws {CacheConfigError} for a plan that the boot check has not seen and would have refused.
   */
  prepare(plan: MethodPlan): Stage {
    const stage = buildPipeline(plan, this.parts);
    this.stages[plan.index] = stage;
    return stage;
  }
}
