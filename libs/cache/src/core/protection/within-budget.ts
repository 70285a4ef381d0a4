import type { Headers } from '../layers/doubts.js';
import type { Fence } from '../layers/fence.js';
import type { Layer } from '../layers/layer.js';
import { BudgetedFence } from './budgeted-fence.js';
import { BudgetedHeaders } from './budgeted-headers.js';
import { BudgetedLayer } from './budgeted-layer.js';
import type { OperationBudget } from './operation-budget.js';

/** What may be asked of the shared layer. */
interface Questions {
  readonly layer: Layer;
  readonly fence: Fence;
  readonly headers: Headers;
}

/** The same, asked no more than the budget allows; without a budget, as it is. */
export function withinBudget({ layer, fence, headers }: Questions, budget: OperationBudget | undefined): Questions {
  if (budget === undefined) return { layer, fence, headers };
  return {
    layer: new BudgetedLayer(layer, budget),
    fence: new BudgetedFence(fence, budget),
    headers: new BudgetedHeaders(headers, budget),
  };
}
