import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { RequestSource } from './request-source.js';
import { runInRequest, type ContextValues } from './request-store.js';

/** Opens a context where no middleware runs: WebSocket gateways, microservice handlers, GraphQL subscriptions. */
export class RequestInterceptor implements NestInterceptor {
  constructor(private readonly values: ContextValues) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() === 'http') return next.handle();
    // The handler runs on subscription, so that is what has to happen inside.
    return new Observable((subscriber) =>
      runInRequest(sourceOf(context), this.values, () => next.handle().subscribe(subscriber)),
    );
  }
}

function sourceOf(context: ExecutionContext): RequestSource {
  const type = context.getType<string>();
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
