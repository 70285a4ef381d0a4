import { AsyncLocalStorage } from 'node:async_hooks';
import type { KeyPart } from '../../core/keys/key.js';
import type { RequestSource } from './request-source.js';

/** What is known while one request, job or test runs. */
export interface RequestStore {
  readonly source: RequestSource | undefined;
  /** Values given by `runInCacheContext`; they win over what the source says. */
  readonly holes: Readonly<Record<string, KeyPart>>;
  /** The application whose request it is knows the values of `{@name}` holes; a context opened by hand has none. */
  readonly values: ContextValues | undefined;
  /** `@RequestCached` results, by instance or by application, made on first use. */
  results?: WeakMap<object, Map<unknown, unknown>>;
}

/** Gives `{@name}` holes their values. */
export interface ContextValues {
  value(name: string): KeyPart;
}

const requests = new AsyncLocalStorage<RequestStore>();

/** The request under way, if any. */
export function currentRequest(): RequestStore | undefined {
  return requests.getStore();
}

/**
 * Runs the work inside a request's context. The context of this very request stays; any other, such as that of a request
 * whose handler makes a request to its own application, is left behind with everything it knows.
 */
export function runInRequest<R>(source: RequestSource, values: ContextValues, work: () => R): R {
  const isOpen = requests.getStore()?.source?.request === source.request;
  return isOpen ? work() : requests.run({ source, holes: {}, values }, work);
}

/**
 * Gives the work a request context: for cron jobs, queue workers and tests. HTTP, GraphQL, WebSocket and RPC handlers
 * have one already. `@RequestCached` keeps one value per context, and `{@name}` holes take their value from `holes`.
 * Contexts nest: an inner one has results of its own and sees the outer holes that it does not name.
 *
 * @example await runInCacheContext({ tenant: job.tenant }, () => this.reports.build(job.id));
 */
export function runInCacheContext<R>(holes: Readonly<Record<string, KeyPart>>, work: () => R): R {
  const outer = requests.getStore();
  return requests.run({ source: outer?.source, values: outer?.values, holes: { ...outer?.holes, ...holes } }, work);
}
