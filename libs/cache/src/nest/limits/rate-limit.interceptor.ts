import {
  Inject,
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { finalize, type Observable } from 'rxjs';
import { RateLimitExceededError } from '../../core/errors.js';
import { runInRequest } from '../context/request-store.js';
import { sourceOf } from '../context/source-of.js';
import { HandlerLimits } from './handler-limits.js';
import { refuse } from './rate-limits.js';
import { transportError } from './transport-error.js';

/** A call passes the interceptors of class and method with one context: it counts once. */
const entered = new WeakSet<ExecutionContext>();

/**
 * Counts resolvers, gateway and message handlers while they run, or while what they gave goes on: a guard does not hear
 * when they end. `@RateLimited` brings it along. Of HTTP requests the guard hears it.
 */
@Injectable()
export class RateLimitInterceptor implements NestInterceptor {
  constructor(@Optional() @Inject(HandlerLimits) private readonly limits: HandlerLimits | undefined) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { limits } = this;
    if (limits?.isCounted(context) !== true || entered.has(context)) return next.handle();
    entered.add(context);
    const { decision, leave } = await runInRequest(sourceOf(context), limits.values, () => limits.enterWork(context));
    try {
      refuse(decision);
    } catch (error) {
      throw error instanceof RateLimitExceededError ? transportError(context, decision, error) : error;
    }
    return next.handle().pipe(finalize(() => void leave()));
  }
}
