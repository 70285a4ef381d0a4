/** What a command takes: ioredis sends numbers as their decimal text. */
export type RedisArgument = string | number | Buffer;

/**
 * An ioredis client, version 5 or 6, `Redis` or `Cluster`, as `forRoot({ redis: { client } })` takes it. A type of our
 * own, because the classes of the two versions are not assignable to each other. What it cannot say is checked at boot:
 * anything that is no such client is `CacheConfigError`.
 */
export interface RedisLike {
  get(key: string): Promise<string | null>;
  quit(): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** What we ask of a client, be it one connection or a whole cluster. Both versions of ioredis give it. */
export interface RedisSender extends RedisLike {
  /** `wait` (not connected yet), `connecting`, `connect`, `ready`, `close`, `reconnecting`, `end`. */
  readonly status: string;
  call(command: string, ...args: RedisArgument[]): Promise<unknown>;
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  /** For a command object of our own making; it has to look like ioredis's `Command`. */
  sendCommand(command: object): unknown;
  once(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  connect(): Promise<void>;
  /** With `true` it connects anew afterwards. */
  disconnect(reconnect?: boolean): void;
}

/** One connection to one server. */
export interface RedisNode extends RedisSender {
  readonly options: RedisNodeOptions;
  readonly stream: RedisStream | undefined;
  /** Commands that were written and not answered yet. */
  readonly commandQueue: { readonly length: number } | undefined;
  mgetBuffer(keys: string[]): Promise<(Buffer | null)[]>;
  ping(): Promise<unknown>;
  subscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  duplicate(override: object): RedisNode;
  /** A property, for it is replaced: `guardAsking`. */
  asking: () => Promise<unknown>;
}

/** A client of a cluster, which holds one lazy connection for each node it has met. */
export interface RedisCluster extends RedisSender {
  readonly options: RedisClusterOptions;
  /** For each slot the keys (`host:port`) of its nodes, the primary first. Holes are slots nobody is known to own. */
  readonly slots: readonly (readonly string[] | undefined)[];
  nodes(role?: 'master' | 'slave' | 'all'): RedisNode[];
  /** Reads `slots` anew, and tells `refresh` when it has. One reading at a time. */
  refreshSlotsCache(): void;
  duplicate(nodes: [], override: object): RedisCluster;
}

/** Sockets of Node, plain or TLS, as far as we touch them. */
export interface RedisStream {
  readonly bytesRead: number;
  readonly writable: boolean;
  cork(): void;
  uncork(): void;
  destroy(error?: Error): unknown;
}

export interface RedisNodeOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly keyPrefix?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly role?: string | undefined;
  readonly sentinels?: unknown;
  readonly Connector?: unknown;
  readonly path?: string | undefined;
  readonly db?: number | undefined;
  readonly username?: string | null | undefined;
  readonly connectionName?: string | null | undefined;
}

export interface RedisClusterOptions {
  readonly keyPrefix?: string | undefined;
  readonly scaleReads?: unknown;
  readonly redisOptions?: RedisNodeOptions | undefined;
}

/** The name by which a cluster's slot table knows a node. */
export function nodeKey({ options: { host = '127.0.0.1', port = 6379 } }: RedisNode): string {
  return `${host}:${port}`;
}
