/** What a context hole is read from: the request under way, whatever brought it. */
export interface RequestSource {
  /** `'http'`, `'graphql'`, `'ws'`, `'rpc'`, or another transport's name, as Nest's `ExecutionContext.getType()` says. */
  readonly type: 'http' | 'graphql' | 'ws' | 'rpc' | (string & {});
  /** HTTP and GraphQL: the request of the platform; WebSocket: the client; RPC: the transport's context. */
  readonly request: unknown;
}
