/** What the servers are for: values that may be loaded again, or locks and limits, which may not be lost. */
export type Purpose = 'data' | 'coordination';

/** `name: value`, as INFO, CLUSTER INFO and CONFIG GET say it. */
export type Words = ReadonlyMap<string, string>;

/** A line of CLUSTER NODES. */
export interface Member {
  readonly id: string;
  /** `host:port`; '' where it is not known. */
  readonly address: string;
  /** By which a certificate knows it; '' where it has none. */
  readonly hostname: string;
  readonly flags: ReadonlySet<string>;
  /** Of a replica: the id of its primary. */
  readonly primary: string | undefined;
  /** First and last slot of each range it serves. */
  readonly slots: readonly (readonly [number, number])[];
  /** Slots on their way to or from it. */
  readonly moving: number;
}

/** A connection of CLIENT LIST. */
export interface Connection {
  readonly host: string;
  readonly name: string;
  readonly flags: string;
}

/** What a bounded look at the keys of a node has shown. */
export interface KeySample {
  readonly seen: number;
  /** Keys of the grammar that hold values, and have no lifetime. */
  readonly lasting: number;
  readonly lastingExample: string;
  /** Keys outside of the grammar. */
  readonly foreign: number;
  readonly foreignExample: string;
}

/** What one node has said. What is `undefined` it refuses to say. */
export interface NodeFacts {
  readonly address: string;
  /** Why nothing is known of it: it did not answer, or did not let us in. */
  readonly silence?: string | undefined;
  readonly info?: Words | undefined;
  readonly config?: Words | undefined;
  readonly clusterInfo?: Words | undefined;
  /** The cluster as this node sees it; the line of the node itself has the flag `myself`. */
  readonly members?: readonly Member[] | undefined;
  readonly connections?: readonly Connection[] | undefined;
  /** Commands of ours that the server does not know: taken away or renamed. */
  readonly lacking?: readonly string[] | undefined;
  /** Its clock less ours, ms, as exact as half of the way there and back. */
  readonly skewMs?: number | undefined;
  readonly keys?: KeySample | undefined;
}

/** Everything the rules look at. */
export interface Facts {
  readonly purpose: Purpose;
  readonly nodes: readonly NodeFacts[];
}

/** Those that answered. */
export function answering({ nodes }: Facts): readonly NodeFacts[] {
  return nodes.filter(({ silence }) => silence === undefined);
}

/** Whether a node is one of a cluster; `undefined`: it does not say. */
export function isClustered({ info, members }: NodeFacts): boolean | undefined {
  if (members !== undefined) return true;
  const enabled = info?.get('cluster_enabled');
  return enabled === undefined ? undefined : enabled === '1';
}

/** `undefined`: it does not say. */
export function roleOf({ info, members }: NodeFacts): 'primary' | 'replica' | undefined {
  const role = info?.get('role');
  if (role !== undefined) return role === 'slave' ? 'replica' : 'primary';
  const own = members?.find(({ flags }) => flags.has('myself'));
  return own && (own.flags.has('slave') ? 'replica' : 'primary');
}

/** A number of INFO or CONFIG; `undefined` where it is not said. */
export function numberAt(words: Words | undefined, name: string): number | undefined {
  const text = words?.get(name);
  return text === undefined || text === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}
