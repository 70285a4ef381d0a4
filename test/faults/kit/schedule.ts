import { branch } from './seed.js';

/**
 * So many of the kinds, in an order that the seed decides: each comes once before any comes twice.
 * @throws when there are no kinds
 */
export function schedule<Kind>(kinds: readonly Kind[], { events, seed }: { events: number; seed: number }): Kind[] {
  if (kinds.length === 0) throw new Error('a schedule needs at least one kind of fault');
  const random = branch(seed, 1);
  const order: Kind[] = [];
  while (order.length < events) {
    const round = kinds.map((kind) => ({ kind, chance: random() })).toSorted((a, b) => a.chance - b.chance);
    order.push(...round.map(({ kind }) => kind));
  }
  return order.slice(0, events);
}
