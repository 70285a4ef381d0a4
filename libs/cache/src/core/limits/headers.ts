import type { LimitDecision, RuleDecision } from './decision.js';

/** Names and values of the header fields that tell a client its limits. */
export type LimitHeaders = Readonly<Record<string, string>>;

/**
 * `RateLimit-Policy` and `RateLimit` as lists of Structured Fields (draft-ietf-httpapi-ratelimit-headers-10; RFC 9651),
 * an item for each rule that is enforced, and `Retry-After` on a refusal. `t` is when the request could be admitted; on
 * an admitted one, when the rule has counted down. Whole seconds, rounded up: no one comes too early.
 */
export function limitHeaders(decision: LimitDecision): LimitHeaders {
  const rules = decision.rules.filter(({ shadow }) => !shadow);
  if (rules.length === 0) return {};
  const headers = {
    'RateLimit-Policy': rules.map(policy).join(', '),
    RateLimit: rules.map(state).join(', '),
  };
  if (decision.allowed) return headers;
  const longest = Math.max(1, ...rules.filter(({ allowed }) => !allowed).map(delay));
  return { ...headers, 'Retry-After': String(longest) };
}

/** How many at a time has its own unit, and no window. */
function policy({ rule, limit, per }: RuleDecision): string {
  return `"${rule}";q=${Math.floor(limit)};${per === 0 ? 'qu="concurrent-requests"' : `w=${seconds(per)}`}`;
}

/** Nobody knows when a request that is under way ends. */
function state(decision: RuleDecision): string {
  const { rule, remaining, per } = decision;
  return `"${rule}";r=${remaining}${per === 0 ? '' : `;t=${delay(decision)}`}`;
}

function delay({ allowed, retryAfter, resetAfter }: RuleDecision): number {
  return allowed ? Math.ceil(resetAfter / 1_000) : seconds(retryAfter);
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** The body of a refusal, `application/problem+json` (RFC 9457), of the type that the draft names for it. */
export function limitProblem({ violated, retryAfter }: LimitDecision) {
  return {
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    status: 429,
    detail: `Try again in ${seconds(retryAfter)} s.`,
    'violated-policies': violated,
  };
}
