import fc from 'fast-check';
import { NOTHING, type Content, type Operation } from './operation.js';

/** An operation to be simulated. Times are small whole numbers, so that beginnings and ends often coincide. */
interface Plan {
  readonly kind: Operation['kind'];
  readonly call: number;
  /** How long until it takes effect, and from there to its answer. */
  readonly before: number;
  readonly after: number;
  /** `lost`: it takes effect and is not answered; `late`: the same, long after its caller gave up. */
  readonly fate: 'ok' | 'lost' | 'late' | 'never' | 'failed';
  /** Of a compare-and-set: whether it expects what is there. */
  readonly isRight: boolean;
}

export interface Shape {
  readonly kinds: readonly Operation['kind'][];
  readonly operations: number;
  /** In which they begin; the fewer moments, the more concurrency. */
  readonly moments: number;
  readonly longest: number;
}

const LATE = 20;

function plans({ kinds, operations, moments, longest }: Shape): fc.Arbitrary<Plan[]> {
  const plan = fc.record({
    kind: fc.constantFrom(...kinds),
    call: fc.nat(moments),
    before: fc.nat(longest),
    after: fc.nat(longest),
    fate: fc.oneof(
      { weight: 8, arbitrary: fc.constant('ok' as const) },
      { weight: 2, arbitrary: fc.constantFrom('lost' as const, 'late' as const, 'never' as const, 'failed' as const) },
    ),
    isRight: fc.boolean(),
  });
  return fc.array(plan, { minLength: 1, maxLength: operations });
}

const SHAPE: Shape = { kinds: ['read', 'read', 'write'], operations: 7, moments: 12, longest: 6 };

/** What clients of a linearizable register may record: every operation takes effect at one moment of its own. */
export function legalHistories(shape: Partial<Shape> = {}): fc.Arbitrary<Operation[]> {
  return plans({ ...SHAPE, ...shape }).map(simulate);
}

function simulate(all: readonly Plan[]): Operation[] {
  const effects = all.map((plan, at) => ({ plan, at, when: effectOf(plan) })).toSorted((a, b) => a.when - b.when);
  const history: Operation[] = [];
  let held: Content = NOTHING;
  for (const { plan, at, when } of effects) {
    const one = answered(plan, at, held);
    const isEffective = when < Infinity && one.kind !== 'read';
    if (isEffective && (one.kind !== 'compare-and-set' || one.expected === held)) held = one.content;
    history[at] = one;
  }
  return history;
}

function effectOf({ call, before, fate }: Plan): number {
  if (fate === 'never' || fate === 'failed') return Infinity;
  return call + before + (fate === 'late' ? LATE : 0);
}

function answered({ kind, call, before, after, fate, isRight }: Plan, at: number, held: Content): Operation {
  const outcome = fate === 'ok' || fate === 'failed' ? fate : 'unknown';
  const end = outcome === 'unknown' ? Infinity : call + before + after;
  const span = { key: 'k', client: `c${at}`, call, return: end, outcome } as const;
  if (kind === 'read') return { ...span, kind, content: held };
  if (kind === 'delete') return { ...span, kind, content: NOTHING };
  if (kind === 'write') return { ...span, kind, content: at };
  const expected = isRight ? held : at === 0 ? 'else' : 0;
  return { ...span, kind, content: at, expected, swapped: expected === held };
}

/** The same with one operation changed: most, but not all, are illegal then. */
export function mutated(histories: fc.Arbitrary<Operation[]>): fc.Arbitrary<Operation[]> {
  const change = fc.record({
    at: fc.nat(),
    how: fc.nat(4),
    content: fc.option(fc.nat(8)),
    by: fc.integer({ min: -9, max: 9 }),
  });
  return fc.tuple(histories, change).map(([history, { at, how, content, by }]) => {
    const place = at % history.length;
    const one = history[place];
    if (one === undefined) return history;
    if (one.kind === 'read' && how < 4) return history.with(place, { ...one, content });
    if (one.kind === 'compare-and-set' && how < 2) return history.with(place, { ...one, swapped: !one.swapped });
    if (how === 2) return history.toSpliced(place, 1);
    if (how === 3) return history.with(place, { ...one, outcome: 'failed' });
    return history.with(place, { ...one, call: one.call + by, return: one.return + by });
  });
}
