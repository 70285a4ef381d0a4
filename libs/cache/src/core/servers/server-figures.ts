/** What a server that processes share says of itself. What it does not let us ask for is absent. */
export interface ServerFigures {
  /** `127.0.0.1:6379`. */
  readonly address: string;
  /** How long its answer took, ms. */
  readonly latency: number;
  /** Bytes in use. */
  readonly usedMemory?: number | undefined;
  /** Bytes it may use (`maxmemory`); 0: as many as there are. */
  readonly maxMemory?: number | undefined;
  /** Keys it has evicted to make room, since it started. */
  readonly evictedKeys?: number | undefined;
  /** Commands of all its clients that found their key, since it started, and those that did not. */
  readonly keyspaceHits?: number | undefined;
  readonly keyspaceMisses?: number | undefined;
  readonly connectedClients?: number | undefined;
}

/** A server that did not say anything in time. */
export interface ServerAway {
  readonly address: string;
  /** Why, as far as it is known. */
  readonly away: string;
}

/** The servers that processes share: the one, or the primaries of a cluster. */
export interface Servers {
  /** Asks each of them, within `ms`. Never rejects. */
  look(ms: number): Promise<readonly (ServerFigures | ServerAway)[]>;
}

export function isAway(server: ServerFigures | ServerAway): server is ServerAway {
  return 'away' in server;
}

/** How much of what it may use it does, 0 to 1; `undefined` where it has no bound, or does not say. */
export function fillOf({ usedMemory, maxMemory }: ServerFigures): number | undefined {
  return usedMemory === undefined || !maxMemory ? undefined : usedMemory / maxMemory;
}
