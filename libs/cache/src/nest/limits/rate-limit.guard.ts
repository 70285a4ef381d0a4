import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { CacheConfigError, RateLimitExceededError } from '../../core/errors.js';
import type { Decision } from '../../core/limits/decision.js';
import { limitHeaders } from '../../core/limits/headers.js';
import { runInRequest } from '../context/request-store.js';
import { sourceOf } from '../context/source-of.js';
import { HandlerLimits } from './handler-limits.js';
import { refuse } from './rate-limits.js';
import { transportError } from './transport-error.js';

/** A request passes the guards of application, class and method with one context: it is counted by the first of ours. */
const decided = new WeakSet<ExecutionContext>();

/**
 * Decides for routes, resolvers, gateway and message handlers with `@RateLimited`, which bring it along. As a global
 * guard, after the one that knows the user, it also holds every HTTP route to `forRoot({ limits: { global } })`.
 *
 * HTTP answers tell `RateLimit` and `RateLimit-Policy`; a refusal is `429` with `Retry-After` and
 * `application/problem+json`, in GraphQL an error with `extensions.code` `RATE_LIMITED`, else a `WsException` or
 * `RpcException` with that `code`.
 *
 * @example { provide: APP_GUARD, useClass: RateLimitGuard }
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(@Optional() @Inject(HandlerLimits) private readonly limits: HandlerLimits | undefined) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.limits === undefined) {
      throw new CacheConfigError(
        '@RateLimited: there is no DatapunkCacheModule. Import DatapunkCacheModule.forRoot({ service: … }) in the root module.',
      );
    }
    if (decided.has(context)) return true;
    decided.add(context);
    const { limits } = this;
    const entry = await runInRequest(sourceOf(context), limits.values, () => limits.enter(context));
    if (entry === undefined) return true;
    const { decision, leave } = entry;
    if (context.getType() === 'http') {
      tell(context, decision);
      whenAnswered(context, leave);
    }
    try {
      refuse(decision);
    } catch (error) {
      throw error instanceof RateLimitExceededError ? transportError(context, decision, error) : error;
    }
    return true;
  }
}

interface Response {
  header(name: string, value: string): unknown;
  /** Of Fastify: Node's own. */
  readonly raw?: ServerResponse;
}

/** When the answer was sent, to its end, or the client has gone. */
function whenAnswered(context: ExecutionContext, leave: () => Promise<void>): void {
  const response = context.switchToHttp().getResponse<Response & ServerResponse>();
  const own = response.raw ?? response;
  if (own.closed) void leave();
  else own.once('close', () => void leave());
}

/** Express and Fastify have the same word for it. */
function tell(context: ExecutionContext, decision: Decision): void {
  const response: Response = context.switchToHttp().getResponse();
  for (const [name, value] of Object.entries(limitHeaders(decision))) response.header(name, value);
  if (!decision.allowed) response.header('Content-Type', 'application/problem+json');
}
