import type { ClassOf } from '../shared/class-of.js';
import { DEEPEST, LARGEST } from './limits.js';
import type { PathStep } from './path.js';
import { refuseCycle, refuseDepth, refuseSize } from './refusal.js';

/** Where a walk through a value stands: the containers it is in, how it came there, and what it has counted. */
export class Walk {
  size = 0;
  shareable = true;
  private depth = 0;
  private readonly containers: object[] = [];
  private readonly taken: PathStep[] = [];

  constructor(readonly as: ClassOf | undefined) {}

  /** Goes into a container of this estimated size. */
  enter(container: object, size: number): void {
    // Few are open at a time: looking through them is cheaper than a Set, and a tree needs no other memory of nodes.
    for (let at = 0; at < this.depth; at++) if (this.containers[at] === container) throw refuseCycle(this.path(), at);
    if (this.depth === DEEPEST) throw refuseDepth(this.path());
    this.containers[this.depth++] = container;
    this.add(size);
  }

  /** Says which of the container's parts is looked at. */
  step(step: PathStep): void {
    this.taken[this.depth - 1] = step;
  }

  leave(): void {
    this.depth--;
  }

  add(size: number): void {
    this.size += size;
    if (this.size > LARGEST) throw refuseSize(this.path());
  }

  path(): readonly PathStep[] {
    return this.taken.slice(0, this.depth);
  }

  /** Whether the object looked at may be an instance of `as`: it is the value itself, or an item of its array. */
  admits(prototype: object | null): boolean {
    if (this.as === undefined || prototype !== this.as.prototype) return false;
    return this.depth === 0 || (this.depth === 1 && Array.isArray(this.containers[0]));
  }
}
