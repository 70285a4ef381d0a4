import { UseGuards, UseInterceptors } from '@nestjs/common';
import type { Used } from '../../core/keys/demand.js';
import type { Holes, NameTemplate } from '../../core/keys/grammar.js';
import type { AnyRule } from '../../core/limits/any-rule.js';
import type { ConcurrencyRule } from '../../core/limits/concurrency-rule.js';
import type { LimitRule } from '../../core/limits/rule.js';
import { LIMITS, limitsOf } from '../limits/limit-metadata.js';
import { RateLimitGuard } from '../limits/rate-limit.guard.js';
import { RateLimitInterceptor } from '../limits/rate-limit.interceptor.js';
import type { RuleReference } from '../limits/rate-limits.js';
import type { MethodCheck } from './check/method-check.js';
import { onMethod } from './on-method.js';

type KeysOf<L extends readonly unknown[]> = L[number] extends infer U
  ? U extends { key: infer T extends string }
    ? T
    : never
  : never;

/** The rules themselves, their keys checked. */
type CheckedRules<L extends readonly unknown[]> = {
  readonly [I in keyof L]: L[I] extends { key: infer T extends string }
    ? (L[I] extends { concurrent: number } ? Omit<ConcurrencyRule, 'key'> : Omit<LimitRule, 'key'>) & {
        key: NameTemplate<T>;
      }
    : L[I];
};

/** A class has no arguments. */
type OnClass<H extends string> = [Used<H>] extends [never] ? ClassDecorator : unknown;

/**
 * Holds a method to limits: names under `forRoot({ limits: { rules } })`, or rules in place. Over the limit the call
 * throws `RateLimitExceededError` and the method does not run; the method has to return a promise. It comes first,
 * before any cache; rules with `at: 'load'` are asked only when a cached method really runs. A rule with `concurrent`
 * holds how many run at a time; of an HTTP request that is until its answer has been sent.
 *
 * On handlers (controllers, resolvers, gateways, microservices), and on their classes for all of them, `RateLimitGuard`
 * decides and answers as the transport has it; keys there come from the request: `'{@ip}'`, `'{@user}'`.
 *
 * @example
 * class Mails { @RateLimited({ name: 'mail', limit: 5, per: '1m', key: '{0.id}' }) send(user: User): Promise<void> { … } }
 * class Login { @Post() @RateLimited('login') login(@Body() body: Credentials): Promise<Session> { … } }
 * @throws {CacheConfigError} on anything but a method or a class. A wrong rule fails the boot.
 */
export function RateLimited<const L extends readonly (string | AnyRule)[]>(
  ...rules: L & CheckedRules<L>
): MethodCheck<Holes<KeysOf<L>>, { sync: true }> & OnClass<Holes<KeysOf<L>>> {
  const references = rules as readonly RuleReference[];
  const plan = onMethod('RateLimited', ({ limits }) => void limits.push(...references)) as MethodDecorator;
  const decorate = (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (typeof target === 'function' && method === undefined) {
      mark(target, references);
      UseGuards(RateLimitGuard)(target);
      UseInterceptors(RateLimitInterceptor)(target);
      return;
    }
    plan(target, method as string, descriptor as PropertyDescriptor);
    mark(descriptor?.value as object, references);
    UseGuards(RateLimitGuard)(target, method as string, descriptor as PropertyDescriptor);
    UseInterceptors(RateLimitInterceptor)(target, method as string, descriptor as PropertyDescriptor);
  };
  return decorate as MethodCheck<Holes<KeysOf<L>>, { sync: true }> & OnClass<Holes<KeysOf<L>>>;
}

function mark(target: object, rules: readonly RuleReference[]): void {
  Reflect.defineMetadata(LIMITS, [...limitsOf(target), ...rules], target);
}
