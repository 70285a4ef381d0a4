import type { ExecutionContext } from '@nestjs/common';
import type { RequestSource } from './request-source.js';

/** The request of a call that Nest is about to handle. */
export function sourceOf(context: ExecutionContext): RequestSource {
  const type = context.getType<string>();
  if (type === 'http') return { type, request: context.switchToHttp().getRequest() };
  if (type === 'ws') return { type, request: context.switchToWs().getClient() };
  if (type === 'rpc') return { type, request: context.switchToRpc().getContext() };
  if (type === 'graphql') return { type, request: graphqlRequest(context.getArgs()) };
  return { type, request: undefined };
}

/** A resolver's arguments are (root, args, context, info); the request is where Apollo and Mercurius put it. */
function graphqlRequest(args: readonly unknown[]): unknown {
  const context = args[2];
  return typeof context === 'object' && context !== null && 'req' in context ? context.req : context;
}
