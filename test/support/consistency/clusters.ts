import { mayLeave, NOTHING, precedes, type Content, type Operation, type Read } from './operation.js';
import type { Violation } from './verdict.js';

/** A write and the reads that saw what it left. In any legal order they stand together, the write first. */
export interface Cluster {
  readonly write: Operation;
  /** Which of them ended first, and which began last. */
  first: Operation;
  last: Operation;
  isRead: boolean;
}

/** Where the register starts, as if somebody had deleted it before all else. */
const start = (key: string): Operation => ({
  kind: 'delete',
  key,
  client: 'the start',
  content: NOTHING,
  call: -Infinity,
  return: -Infinity,
  outcome: 'ok',
});

const clusterOf = (write: Operation): Cluster => ({ write, first: write, last: write, isRead: false });

export interface Clusters {
  /** Those that must have their place; what may have happened and was never seen is left out. */
  readonly clusters: readonly Cluster[];
  /** Reads of nothing that several deletes can explain: they are in no cluster. */
  readonly open: readonly Read[];
}

/** The history of one key, by what its reads saw; or the read that no write explains. */
export function clustersOf(operations: readonly Operation[]): Clusters | Violation {
  const { written, deletes } = writesOf(operations);
  const open: Read[] = [];
  for (const one of operations) {
    if (one.kind !== 'read' || one.outcome !== 'ok') continue;
    if (one.content === NOTHING && deletes.length > 0) {
      open.push(one);
      continue;
    }
    const cluster = written.get(one.content);
    if (cluster === undefined) return neverWritten(one, operations);
    if (precedes(one, cluster.write)) return readBeforeWrite(one, cluster.write);
    cluster.isRead = true;
    if (one.return < cluster.first.return) cluster.first = one;
    if (one.call > cluster.last.call) cluster.last = one;
  }
  const all = [...written.values(), ...deletes.map(clusterOf)];
  return { clusters: all.filter(({ write, isRead }) => isRead || write.outcome === 'ok'), open };
}

function writesOf(operations: readonly Operation[]) {
  const written = new Map<Content, Cluster>();
  const deletes: Operation[] = [];
  for (const one of operations) {
    if (one.kind === 'compare-and-set') throw new Error('the zone test knows no compare-and-set: take the search');
    if (!mayLeave(one)) continue;
    if (one.kind === 'delete') {
      deletes.push(one);
      continue;
    }
    if (written.has(one.content)) {
      throw new Error(`'${one.content}' is written to '${one.key}' twice: give each write a value of its own`);
    }
    written.set(one.content, clusterOf(one));
  }
  const [first] = operations;
  if (first !== undefined && deletes.length === 0) written.set(NOTHING, clusterOf(start(first.key)));
  return { written, deletes };
}

function neverWritten(read: Read, operations: readonly Operation[]): Violation {
  const refused = operations.find((one) => one.kind !== 'read' && one.content === read.content);
  return {
    kind: 'never-written',
    key: read.key,
    proof: refused === undefined ? [read] : [refused, read],
    because: `${read.content} was read, and ${refused === undefined ? 'nobody ever wrote it' : 'its write surely failed'}`,
  };
}

function readBeforeWrite(read: Read, write: Operation): Violation {
  return {
    kind: 'read-before-write',
    key: read.key,
    proof: [read, write],
    because: `${read.content} was read before anybody began to write it`,
  };
}
