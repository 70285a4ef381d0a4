import { list, type Reply, text } from './reply.js';

/** A range of slots and the ids of the nodes that serve it, as one node sees it. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly primary: string;
  readonly replicas: readonly string[];
}

/** Reads CLUSTER SLOTS. */
export function readSlots(reply: Reply): SlotRange[] {
  return list(reply).map((row) => {
    const [from, to, ...nodes] = list(row);
    const [primary = '', ...replicas] = nodes.map((node) => text(list(node)[2]));
    return { from: Number(from), to: Number(to), primary, replicas };
  });
}

export function rangeOf(slot: number, ranges: readonly SlotRange[]): SlotRange {
  const range = ranges.find(({ from, to }) => from <= slot && slot <= to);
  if (!range) throw new Error(`nobody serves slot ${slot}`);
  return range;
}

/** As even a split of all slots as there is. */
export function splitSlots(parts: number): [number, number][] {
  const at = (part: number): number => Math.round((part * 16_384) / parts);
  return Array.from({ length: parts }, (_, part) => [at(part), at(part + 1) - 1]);
}
