import { NOTHING, type Content, type Operation } from './operation.js';

/** A number in [0, 1). */
type Random = () => number;

export interface LargeHistory {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** Of all operations; those that were lost in part happened. */
  readonly unknown?: number;
  readonly kinds?: readonly Operation['kind'][];
}

/** Clients of linearizable registers, each with one operation after the other; legal, and as long as one likes. */
export function largeHistory(shape: LargeHistory, random: Random): Operation[] {
  const { operations, clients, keys, unknown = 0.01, kinds = ['read', 'write'] } = shape;
  const held = new Map<string, Content>();
  const free = Array.from({ length: clients }, () => random());
  const history: Operation[] = [];
  for (let at = 0; history.length < operations; at += 1) {
    // Effects come in the order of the loop; a client is busy around each of its own.
    const effect = at;
    const client = Math.floor(random() * clients);
    const call = Math.max(free[client] ?? 0, effect - random() * clients);
    const end = effect + random() * clients;
    if (call > effect) continue;
    const key = `key:${Math.floor(random() * keys)}`;
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'read';
    const isLost = kind !== 'read' && random() < unknown / 0.5;
    free[client] = end;
    const before = held.get(key) ?? NOTHING;
    const outcome = isLost ? 'unknown' : 'ok';
    const span = { key, client: `c${client}`, call, return: isLost ? Infinity : end, outcome } as const;
    const one = asked(kind, before, at);
    if (one.kind !== 'read' && (!isLost || random() < 0.5)) held.set(key, one.content);
    history.push({ ...span, ...one } as Operation);
  }
  return history;
}

function asked(kind: Operation['kind'], before: Content, at: number): Pick<Operation, 'kind' | 'content'> {
  if (kind === 'read') return { kind, content: before };
  if (kind === 'delete') return { kind, content: NOTHING };
  const written = { kind, content: at };
  return kind === 'write' ? written : { ...written, ...matching(before) };
}

const matching = (before: Content) => ({ expected: before, swapped: true });

/** The same with one late read of the first value that its key held: long since overwritten. */
export function withStaleRead(history: readonly Operation[]): Operation[] {
  const place = history.findLastIndex(({ kind }) => kind === 'read');
  const read = history[place];
  const old = history.find(({ kind, key, outcome }) => kind === 'write' && key === read?.key && outcome === 'ok');
  if (read === undefined || old === undefined) throw new Error('too small a history for a stale read');
  return history.with(place, { ...read, content: old.content } as Operation);
}
