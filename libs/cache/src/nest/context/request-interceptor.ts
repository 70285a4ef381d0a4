import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';
import { runInRequest, type ContextValues } from './request-store.js';
import { sourceOf } from './source-of.js';

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
