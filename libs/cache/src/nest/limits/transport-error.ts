import { HttpException, type ExecutionContext } from '@nestjs/common';
import type { RateLimitExceededError } from '../../core/errors.js';
import type { LimitDecision } from '../../core/limits/decision.js';
import { limitProblem } from '../../core/limits/headers.js';

/** The error that a refused caller gets in the way of his transport. */
export function transportError(
  context: ExecutionContext,
  decision: LimitDecision,
  error: RateLimitExceededError,
): Error {
  const type = context.getType<string>();
  if (type === 'http') return new HttpException(limitProblem(decision), error.status, { cause: error });
  const { code, message, retryAfter, violated } = error;
  const told = { status: 'error', code, message, retryAfter, violated };
  if (type === 'ws') return made(() => require('@nestjs/websockets').WsException, told) ?? error;
  if (type === 'rpc') return made(() => require('@nestjs/microservices').RpcException, told) ?? error;
  // GraphQL shows an error's own `extensions`.
  return error;
}

/** Loaded only here: an application without the transport does not have its package. */
function made(load: () => new (told: object) => Error, told: object): Error | undefined {
  try {
    return new (load())(told);
  } catch {
    return undefined;
  }
}
