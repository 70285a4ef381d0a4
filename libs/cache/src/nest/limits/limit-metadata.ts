import { CacheConfigError } from '../../core/errors.js';
import { nameOf, type Method, type MethodPlan } from '../plans/method-plan.js';
import type { RuleReference } from './rate-limits.js';

/** On handlers and their classes: what `@RateLimited` and `@SkipRateLimit` say. */
export const LIMITS = 'datapunk:rate-limits';
export const SKIPPED = 'datapunk:skipped-rate-limits';

/** What Nest writes on routes, message handlers, gateway handlers and resolvers; most have no public constant. */
const HANDLERS = [
  'path',
  'microservices:pattern',
  'websockets:message_mapping',
  'graphql:resolver_type',
  'graphql:resolve_property',
];

export function limitsOf(target: object): readonly RuleReference[] {
  return (Reflect.getMetadata(LIMITS, target) as RuleReference[] | undefined) ?? [];
}

/** `undefined`: nothing is said; `[]`: all are skipped. */
export function skippedBy(target: object): readonly string[] | undefined {
  return Reflect.getMetadata(SKIPPED, target) as string[] | undefined;
}

/** Whether Nest calls the method for a request, so that a guard decides. */
export function isHandler({ owner, method, original }: MethodPlan): boolean {
  const now = Reflect.get(owner, method) as Method;
  return [now, original].some((each) => HANDLERS.some((name) => Reflect.hasMetadata(name, each)));
}

/** @throws {CacheConfigError} for a rule that a guard cannot decide. */
export function refuseArguments(plan: MethodPlan, needs: boolean): void {
  if (!needs) return;
  throw new CacheConfigError(
    `@RateLimited on ${nameOf(plan)}: a guard decides for this handler, and there are no arguments yet. Use '{@ip}', '{@user}' or a hole of forRoot({ context }), or limit the provider's method that it calls.`,
  );
}
