import { runInRequest, type ContextValues } from './request-store.js';

type Middleware = (request: unknown, response: unknown, next: () => void) => void;

/** Opens a context before guards, pipes and handlers of an HTTP request run. */
export function requestMiddleware(values: ContextValues): Middleware {
  return (request, _response, next) => runInRequest({ type: 'http', request }, values, next);
}
