import type { Holding } from './holding.js';
import { shapePattern } from './overlap.js';
import type { KeyTemplate } from './template.js';

interface Known {
  readonly pattern: RegExp;
  readonly holding: Holding;
}

const NOTHING: Holding = Object.freeze({});

/**
 * The shapes that one application's decorators use, and what their definitions say of the values. It goes before the
 * definitions that merely exist in the process, which may belong to another application.
 */
export class KnownShapes {
  /** By entity, then by shape. */
  readonly #known = new Map<string, Map<string, Known>>();

  /** A bare template says nothing; the definition of its shape speaks for it. */
  learn({ entity, shape }: KeyTemplate, holding: Holding): void {
    const shapes = this.#known.get(entity) ?? new Map<string, Known>();
    const says = holding.version !== undefined || holding.as !== undefined;
    if (says || !shapes.has(shape)) shapes.set(shape, { pattern: shapePattern(shape), holding });
    this.#known.set(entity, shapes);
  }

  /** These keys are strict for all who use them. */
  demandStrict({ entity, shape }: KeyTemplate): void {
    const shapes = this.#known.get(entity) ?? new Map<string, Known>();
    const known = shapes.get(shape) ?? { pattern: shapePattern(shape), holding: NOTHING };
    shapes.set(shape, { ...known, holding: { ...known.holding, isStrict: true } });
    this.#known.set(entity, shapes);
  }

  ofTemplate({ entity, shape }: KeyTemplate): Holding {
    return this.#known.get(entity)?.get(shape)?.holding ?? NOTHING;
  }

  /** Undefined for a key of no known shape. */
  ofKey(entity: string, id: string): Holding | undefined {
    for (const { pattern, holding } of this.#known.get(entity)?.values() ?? []) {
      if (pattern.test(id)) return holding;
    }
    return undefined;
  }
}
